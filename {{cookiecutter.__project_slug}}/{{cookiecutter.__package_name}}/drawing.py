"""A picture that explains itself: images in rows, below a title."""

from pathlib import Path

import torch.nn.functional as F
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor
from torchvision.transforms.functional import to_pil_image
from torchvision.utils import make_grid

IMAGES_PER_ROW = 8
FRAME, SCALE = 4, 2  # pixels of the images; how much larger they are drawn
LINE, MARGIN = 18, 8  # pixels of the picture


def save_picture(images: Tensor, title: list[str], path: Path) -> None:
    """Draws images (N, C, H, W) in [0, 1] in rows, in white frames, below the lines of a title."""
    title = [line for line in title if line]
    grid = make_grid(images, nrow=IMAGES_PER_ROW, padding=FRAME, pad_value=1.0)
    picture = to_pil_image(F.interpolate(grid[None], scale_factor=SCALE)[0].cpu())
    top = 2 * MARGIN + LINE * len(title)
    whole = Image.new("RGB", (picture.width, top + picture.height), "white")
    whole.paste(picture, (0, top))
    draw = ImageDraw.Draw(whole)
    for number, line in enumerate(title):
        draw.text((MARGIN, MARGIN + LINE * number), line, "black", ImageFont.load_default())
    whole.save(path)
