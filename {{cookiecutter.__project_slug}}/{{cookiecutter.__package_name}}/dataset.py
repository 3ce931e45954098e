"""MNIST as the models of this project see it: padded to 32 x 32 and scaled to [-1, 1].

MyMNIST("./data", download=True) reads the four IDX files from ./data/MNIST/raw and downloads them
where they are missing. MyMNIST(SAMPLE_ROOT) reads the small sample that ships with this package
and needs no network.
"""

from pathlib import Path

import torch
import torch.nn.functional as F
import torchvision
from torch import Tensor
from torch.utils.data import Dataset

SAMPLE_ROOT = Path(__file__).parent / "sample"

FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)


class MyMNIST:
    """The training and the test split of MNIST, as map-style datasets of (image, label).

    An image is a float32 tensor (1, 32, 32) in [-1, 1], a label an int from 0 to 9. The images of
    `train_data` are rotated by up to 5 degrees, anew each time they are read; those of `test_data`
    are not.

    Raises FileNotFoundError where files are missing and are not or cannot be downloaded, and
    ValueError where they are not what they should be.
    """

    def __init__(self, root: str | Path = "./data", download: bool = False):
        find_files(Path(root), download)
        self.train_data = MNISTSplit(*read_split(root, train=True), max_rotation=5.0)
        self.test_data = MNISTSplit(*read_split(root, train=False), max_rotation=0.0)


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
        images = self.images[indices].unsqueeze(1) / 255  # (N, 1, 28, 28), uint8 -> [0, 1]
        images = F.pad(images, (2, 2, 2, 2))  # (N, 1, 32, 32), 0 is the background
        if self.max_rotation > 0:
            # The global generator: the DataLoader seeds it differently in every worker and epoch.
            degrees = torch.empty(len(images)).uniform_(-self.max_rotation, self.max_rotation)
            images = rotate(images, degrees)
        images = 2 * images - 1
        return list(zip(images, self.labels[indices].tolist(), strict=True))


def rotate(images: Tensor, degrees: Tensor) -> Tensor:
    """Rotates every image about its centre by its own angle, and fills the corners with zeros.

    images: (N, C, S, S), square, in [0, 1]; degrees: (N,). Returns (N, C, S, S) in [0, 1].
    """
    angle = torch.deg2rad(degrees)
    cos, sin, zero = angle.cos(), angle.sin(), torch.zeros_like(angle)
    rotation = torch.stack([cos, -sin, zero, sin, cos, zero], dim=1).view(-1, 2, 3)
    grid = F.affine_grid(rotation, list(images.shape), align_corners=False)
    rotated = F.grid_sample(images, grid, mode="bilinear", align_corners=False)
    return rotated.clamp(0, 1)  # interpolation weights sum to 1 only up to rounding


def find_files(root: Path, download: bool) -> None:
    """Makes sure that the four IDX files are in root/MNIST/raw."""
    folder = root / "MNIST" / "raw"
    missing = [name for name in FILES if not (folder / name).is_file()]
    if not missing:
        return
    if not download:
        raise FileNotFoundError(f"MNIST is incomplete: {', '.join(missing)} not found in {folder}.")
    try:
        torchvision.datasets.MNIST(str(root), download=True)
    except (OSError, RuntimeError) as error:
        raise FileNotFoundError(
            f"MNIST is incomplete: {', '.join(missing)} not found in {folder}, "
            f"and the download failed ({' '.join(str(error).split())})."
        ) from error


def read_split(root: str | Path, train: bool) -> tuple[Tensor, Tensor]:
    """Images (N, 28, 28) uint8 and labels (N,) of one split."""
    split = "train" if train else "t10k"
    try:
        mnist = torchvision.datasets.MNIST(str(root), train=train)
    except Exception as error:  # torchvision raises whatever its parser stumbles over
        reason = str(error) or type(error).__name__
        raise ValueError(
            f"{split}-*-ubyte in {root} are not valid IDX files ({reason})."
        ) from error
    images, labels = mnist.data, mnist.targets
    if images.shape[1:] != (28, 28) or len(images) != len(labels):
        raise ValueError(
            f"{split}-*-ubyte in {root} do not match: images {tuple(images.shape)}, "
            f"labels {tuple(labels.shape)}; expected (N, 28, 28) and (N,)."
        )
    return images, labels
