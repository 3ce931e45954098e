"""MNIST as the models of this project see it: padded to 32 x 32 and scaled to [-1, 1].

MyMNIST("./data", download=True) reads the four IDX files from ./data/MNIST/raw and downloads them
where they are missing. MyMNIST(SAMPLE_ROOT) reads the small sample that ships with this package
and needs no network.
"""

import functools
import math
import os
import struct
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
        images = self.images[indices].unsqueeze(1) / 255  # (N, 1, 28, 28), uint8 -> [0, 1]
        images = F.pad(images, (2, 2, 2, 2))  # (N, 1, 32, 32), 0 is the background
        if self.max_rotation > 0:
            # The global generator: the DataLoader seeds it differently in every worker and epoch.
            degrees = torch.empty(len(images)).uniform_(-self.max_rotation, self.max_rotation)
            images = rotate(images, degrees)
        images = 2 * images - 1
        return list(zip(images, self.labels[indices].tolist(), strict=True))


def rotate(images: Tensor, degrees: Tensor) -> Tensor:
    """Rotates every image about its centre by its own angle, anticlockwise. Corners become 0.

    images: (N, C, S, S), square, in [0, 1]; degrees: (N,). Returns (N, C, S, S) in [0, 1].
    """
    # A rotation is a product with exp(i * angle). F.affine_grid takes several times as long.
    turn = torch.polar(torch.ones_like(degrees), torch.deg2rad(degrees))
    plane = complex_plane(images.shape[-1])
    grid = torch.view_as_real(turn.view(-1, 1, 1) * plane)  # where a pixel comes from, (N, S, S, 2)
    rotated = F.grid_sample(images, grid, mode="bilinear", align_corners=False)
    return rotated.clamp(0, 1)  # interpolation weights sum to 1 only up to rounding


@functools.cache
def complex_plane(size: int) -> Tensor:
    """x + iy at the centre of every pixel of an image that is [-1, 1] wide and high: (S, S)."""
    centres = (2 * torch.arange(size) + 1) / size - 1
    return torch.complex(*torch.meshgrid(centres, centres, indexing="xy"))


def download_missing(root: Path) -> None:
    """Has torchvision download MNIST to root/MNIST/raw, unless the four files are there."""
    folder = root / "MNIST" / "raw"
    missing = [name for name in FILES if not os.path.isfile(folder / name)]
    if not missing:
        return
    try:
        torchvision.datasets.MNIST(str(root), download=True)
    except Exception as error:  # whatever the network, the disk or torchvision's reader raises
        raise FileNotFoundError(
            f"MNIST is incomplete: {', '.join(missing)} not found in {folder}, "
            f"and the download failed ({' '.join(str(error).split())})."
        ) from error


def read_split(root: Path, split: str) -> tuple[Tensor, Tensor]:
    """Images (N, 28, 28) uint8 and labels (N,) int64 of the split "train" or "t10k"."""
    folder = root / "MNIST" / "raw"
    images = read_idx(folder / f"{split}-images-idx3-ubyte", 28, 28)
    label_file = folder / f"{split}-labels-idx1-ubyte"
    labels = read_idx(label_file)
    if len(labels) != len(images):
        raise unusable(label_file, f"has {len(labels)} labels", f"{len(images)}, one per image")
    if labels.max() > 9:
        raise unusable(label_file, f"has the label {labels.max()}", "0 to 9")
    return images, labels.long()


def read_idx(path: Path, *sizes: int) -> Tensor:
    """The N arrays of `sizes` in an IDX file of unsigned bytes: (N, *sizes) uint8.

    Such a file starts with big-endian integers of four bytes: a magic number, which stands for
    unsigned bytes and the number of dimensions, and the size of every dimension. The reader of
    torchvision takes a file that is too long, and does not name one that is cut short or mixed up.
    """
    content = read_bytes(path)
    dimensions = 1 + len(sizes)
    start = 4 + 4 * dimensions
    if len(content) <= start:
        raise unusable(path, f"has {len(content)} bytes", f"more than {start}")
    magic, count, *found = struct.unpack_from(f">{1 + dimensions}I", content)
    if magic != 0x800 + dimensions:
        raise unusable(path, f"has the magic number {magic}", f"{0x800 + dimensions}")
    if found != list(sizes):
        raise unusable(path, f"has images of size {found}", f"{list(sizes)}")
    length = start + count * math.prod(sizes)
    if len(content) != length:
        raise unusable(path, f"has {len(content)} bytes", f"{length} for {count} samples")
    return torch.frombuffer(content, dtype=torch.uint8, offset=start).view(count, *sizes)


def read_bytes(path: Path) -> bytearray:
    """The content of a file; errors name it."""
    try:
        return bytearray(path.read_bytes())
    except FileNotFoundError as error:
        message = f"MNIST is incomplete: {path.name} not found in {path.parent}"
        raise FileNotFoundError(f"{message}; download=True fetches it.") from error
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}.") from error


def unusable(path: Path, found: str, expected: str) -> ValueError:
    """An error that names a file, what it holds and what to do."""
    return ValueError(f"{path} {found}, expected {expected}: delete it and download it again.")
