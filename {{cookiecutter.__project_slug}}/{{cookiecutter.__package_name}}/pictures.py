"""Pictures that explain themselves: with a gap between what goes in and what comes out, a title."""

from pathlib import Path

import torch
import torch.nn.functional as F
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor
from torch.utils.tensorboard import SummaryWriter
from torchvision.transforms.functional import to_pil_image
from torchvision.utils import make_grid

IMAGES_PER_ROW = 8
GAP, FRAME, SCALE = 2, 4, 2  # pixels of the images; how much larger they are drawn
LINE, MARGIN = 18, 8  # pixels of the picture


def pairs(images: Tensor) -> Tensor:
    """Images in [-1, 1], each beside another, with a grey gap between the two and in [0, 1].

    (N, C, H, 2 * W) -> (N, C, H, 2 * W + GAP)
    """
    left, right = ((images + 1) / 2).chunk(2, dim=3)
    gap = torch.full_like(left[..., :GAP], 0.5)
    return torch.cat([left, gap, right], dim=3)


def log_pictures(summary: SummaryWriter, images: Tensor, samples: Tensor, epoch: int) -> None:
    """Logs images beside their reconstructions as test/<i>, and images decoded from the prior."""
    for i, picture in enumerate(pairs(images)):
        summary.add_image(f"test/{i}", picture, epoch)
    summary.add_image("test/prior_samples", make_grid((samples + 1) / 2), epoch)


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
