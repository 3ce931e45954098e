"""MNIST as the models of this project see it: padded to 32 x 32 and scaled to [-1, 1].

MyMNIST("./data", download=True) reads the four IDX files from ./data/MNIST/raw and downloads them
where they are missing. MyMNIST(SAMPLE_ROOT) reads the small sample that ships with this package
and needs no network.
"""

import functools
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.data import Dataset

from .idx import download_missing, read_split

SAMPLE_ROOT = Path(__file__).parent / "sample"


class MyMNIST:
    """The training and the test split of MNIST, as map-style datasets of (image, label).

    An image is a float32 tensor (1, 32, 32) in [-1, 1], a label an int from 0 to 9. The images of
    `train_data` are rotated by up to 5 degrees, anew each time they are read; those of `test_data`
    are not.

    Raises FileNotFoundError where files are missing and are not or cannot be downloaded, and
    ValueError where they are not what they should be.
    """

    def __init__(self, root: str | Path = "./data", download: bool = False):
        root = Path(root).expanduser()
        if download:
            download_missing(root)
        self.train_data = MNISTSplit(*read_split(root, "train"), max_rotation=5.0)
        self.test_data = MNISTSplit(*read_split(root, "t10k"), max_rotation=0.0)


class MNISTSplit(Dataset):
    """One split of MNIST. Images stay uint8 in memory and are converted when they are read.

    images: (N, 28, 28) uint8; labels: (N,) integers; max_rotation in degrees, 0 for none.
    """

    def __init__(self, images: Tensor, labels: Tensor, max_rotation: float):
        self.images = images
        self.labels = labels
        self.max_rotation = max_rotation

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        return self.__getitems__([index])[0]

    def __getitems__(self, indices: list[int]) -> list[tuple[Tensor, int]]:
        """A whole batch at once: the DataLoader calls this where a dataset has it.

        One call per batch instead of one per image keeps the data pipeline ahead of the model.
        """
        # NumPy picks the rows of a batch in a third of the time that torch takes.
        images = torch.from_numpy(self.images.numpy()[indices])
        images = images.unsqueeze(1) / 255  # (N, 1, 28, 28), uint8 -> [0, 1]
        images = F.pad(images, (2, 2, 2, 2))  # (N, 1, 32, 32), 0 is the background
        if self.max_rotation > 0:
            # The global generator: the DataLoader seeds it differently in every worker and epoch.
            degrees = torch.empty(len(images)).uniform_(-self.max_rotation, self.max_rotation)
            images = rotate(images, degrees)
        images.mul_(2).sub_(1)  # in place: memory for another batch takes longer than to compute it
        labels = self.labels.numpy()[indices].tolist()
        return list(zip(images.unbind(), labels, strict=True))


def rotate(images: Tensor, degrees: Tensor) -> Tensor:
    """Rotates every image about its centre by its own angle, anticlockwise. Corners become 0.

    images: (N, C, S, S), square, in [0, 1]; degrees: (N,). Returns (N, C, S, S) in [0, 1].
    """
    # A rotation is a product with exp(i * angle). F.affine_grid takes several times as long.
    turn = torch.polar(torch.ones_like(degrees), torch.deg2rad(degrees))
    plane = complex_plane(images.shape[-1])
    grid = torch.view_as_real(turn.view(-1, 1, 1) * plane)  # where a pixel comes from, (N, S, S, 2)
    rotated = F.grid_sample(images, grid, mode="bilinear", align_corners=False)
    return rotated.clamp_(0, 1)  # interpolation weights sum to 1 only up to rounding


@functools.cache
def complex_plane(size: int) -> Tensor:
    """x + iy at the centre of every pixel of an image that is [-1, 1] wide and high: (S, S)."""
    centres = (2 * torch.arange(size) + 1) / size - 1
    return torch.complex(*torch.meshgrid(centres, centres, indexing="xy"))
