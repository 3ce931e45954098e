"""What is drawn: images that are generated from the same latent codes after every epoch."""

import torch
from torch import Tensor, nn
from torch.utils.tensorboard import SummaryWriter
from torchvision.utils import make_grid

from .randomness import fixed_noise

SAMPLES_IN_ROW = 8


def fixed_codes(model: nn.Module, n: int, device: torch.device) -> Tensor:
    """n latent codes (n, latent_dim), the same ones at every call.

    So pictures and figures of different epochs compare.
    """
    with fixed_noise(device):
        return model.draw_codes(n)


def log_samples(summary: SummaryWriter, images: Tensor, epoch: int) -> None:
    """Logs images (N, C, H, W) in [-1, 1], in rows."""
    summary.add_image("test/samples", make_grid((images + 1) / 2, SAMPLES_IN_ROW), epoch)


class SamplesOverEpochs:
    """A row of images after 1, 2, 4, 8 epochs and so on, and after the last one.

    It is a part of a checkpoint, so that a run that is resumed has the rows of all its epochs.
    """

    def __init__(self):
        self.rows: dict[int, Tensor] = {}  # by epochs, (SAMPLES_IN_ROW, C, H, W) uint8

    def add(self, epochs: int, images: Tensor) -> None:
        """Keeps the first images (N, C, H, W) in [-1, 1] of those generated after some epochs."""
        row = (images[:SAMPLES_IN_ROW] + 1) / 2 * 255
        kept = {n: row for n, row in self.rows.items() if n < epochs and is_power_of_two(n)}
        self.rows = {**kept, epochs: row.round().byte().cpu()}

    def images(self) -> Tensor:
        """All rows, one after another, in [0, 1]."""
        return torch.cat([*self.rows.values()]) / 255

    def state_dict(self) -> dict:
        return {"rows": self.rows}

    def load_state_dict(self, state: dict) -> None:
        self.rows = dict(state["rows"])


def is_power_of_two(n: int) -> bool:
    return n.bit_count() == 1
