"""The four files of MNIST: fetched where they are missing, and refused where they are broken."""

import math
import os
import struct
from pathlib import Path

import torch
import torchvision
from torch import Tensor

FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)


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
