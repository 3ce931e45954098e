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


def save_picture(images: Tensor, title: list[str], path: Path, scale: int = SCALE) -> None:
    """Draws images (N, C, H, W) in [0, 1] in rows, in white frames, below the lines of a title."""
    title = [line for line in title if line]
    font = ImageFont.load_default()
    grid = make_grid(images, nrow=IMAGES_PER_ROW, padding=FRAME, pad_value=1.0)
    picture = to_pil_image(F.interpolate(grid[None], scale_factor=scale)[0].cpu())
    top = 2 * MARGIN + LINE * len(title)
    width = max(picture.width, *(2 * MARGIN + round(font.getlength(line)) for line in title))
    whole = Image.new("RGB", (width, top + picture.height), "white")
    whole.paste(picture, (0, top))
    draw = ImageDraw.Draw(whole)
    for number, line in enumerate(title):
        draw.text((MARGIN, MARGIN + LINE * number), line, "black", font)
    whole.save(path)
