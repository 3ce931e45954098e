"""What is drawn: images beside their reconstructions, and samples from the prior."""

import torch
from torch import Tensor
from torch.utils.tensorboard import SummaryWriter
from torchvision.utils import make_grid

GAP = 2  # pixels


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


def first_inputs(dataset, n: int) -> Tensor:
    """The inputs of the first n samples (n, ...); raises ValueError where there are fewer."""
    if not 0 <= n <= len(dataset):
        raise ValueError(f"n is {n}, but there are {len(dataset)} test images.")
    return torch.stack([dataset[i][0] for i in range(n)]) if n else torch.empty(0)


def prior_codes(mu: Tensor, n: int) -> Tensor:
    """n latent codes from the prior N(0, 1), of the shape and on the device of a batch of means.

    They are the same at every call, so that pictures of different epochs compare.
    """
    generator = torch.Generator().manual_seed(0)
    return torch.randn(n, *mu.shape[1:], generator=generator).to(mu)
