"""HDF5 files."""

import tempfile
from functools import cache
from pathlib import Path

import h5py
import torch
from torch import Tensor
from torch.utils.data import Dataset

from .subject import dataset
from .tensor_datasets import PLAIN, classified

PACKAGE = "h5py"


@cache
def written(train: bool) -> Path:
    path = Path(tempfile.gettempdir()) / f"images{train}.h5"
    images, labels = classified(train, 1, 8, 8)
    with h5py.File(path, "w") as file:
        file["images"], file["labels"] = images.numpy(), labels.numpy()
    return path


class OpenedLate(Dataset):
    """The file is opened by the process that reads, at its first sample."""

    def __init__(self, train: bool):
        self.path = written(train)
        self.file: h5py.File | None = None
        with h5py.File(self.path) as file:
            self.length = len(file["labels"])

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        if self.file is None:
            self.file = h5py.File(self.path)
        return torch.from_numpy(self.file["images"][index]), int(self.file["labels"][index])

    def __getstate__(self) -> dict[str, object]:
        return {**vars(self), "file": None}


class OpenedEachTime(OpenedLate):
    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        with h5py.File(self.path) as file:
            return torch.from_numpy(file["images"][index]), int(file["labels"][index])


SUBJECTS = [
    dataset("opened_late", OpenedLate, (1, 8, 8), **PLAIN),
    dataset("opened_each_time", OpenedEachTime, (1, 8, 8), **PLAIN),
]
