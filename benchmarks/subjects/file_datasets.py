"""Arrays, tensors and databases in files."""

import json
import sqlite3
import tempfile
import zipfile
from functools import cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from .subject import dataset
from .tensor_datasets import FLOATS, PLAIN, classified, drawn

PACKAGE = "numpy"


def folder() -> Path:
    return Path(tempfile.gettempdir())


@cache
def mapped(train: bool) -> Path:
    path = folder() / f"images{train}.npy"
    images, _ = classified(train, 8, 8)
    np.save(path, (images.sigmoid() * 255).byte().numpy())
    return path


class MemoryMap(Dataset):
    """Images as bytes in a file that is mapped, not read; scaled when a sample is read."""

    def __init__(self, train: bool):
        self.images = np.load(mapped(train), mmap_mode="r")
        self.labels = classified(train)[1]

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        image = torch.from_numpy(np.array(self.images[index])).float() / 127.5 - 1
        return image.unsqueeze(0), int(self.labels[index])


class Archive(Dataset):
    """Arrays of an .npz file, read once."""

    def __init__(self, train: bool):
        path = folder() / f"arrays{train}.npz"
        inputs, labels = classified(train, 6)
        np.savez(path, inputs=inputs.numpy(), labels=labels.numpy())
        with np.load(path) as arrays:
            self.inputs, self.labels = arrays["inputs"], arrays["labels"]

    def __len__(self) -> int:
        return len(self.inputs)

    def __getitem__(self, index: int) -> tuple[np.ndarray, int]:
        return self.inputs[index].copy(), int(self.labels[index])


class TensorFiles(Dataset):
    """One file for each sample, as preprocessing leaves them behind."""

    def __init__(self, train: bool):
        self.folder = folder() / f"samples{train}"
        self.folder.mkdir(exist_ok=True)
        for index, (values, label) in enumerate(zip(*classified(train, 6), strict=True)):
            torch.save({"x": values.clone(), "y": label.clone()}, self.folder / f"{index:03}.pt")
        self.paths = sorted(self.folder.iterdir())

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        return torch.load(self.paths[index])


class Database(Dataset):
    """Rows of SQLite; the connection is opened in the process that reads."""

    def __init__(self, train: bool):
        self.path = folder() / f"rows{train}.db"
        values = drawn(train, 3)
        with sqlite3.connect(self.path) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS rows (a REAL, b REAL, c REAL)")
            if not connection.execute("SELECT COUNT(*) FROM rows").fetchone()[0]:
                connection.executemany("INSERT INTO rows VALUES (?, ?, ?)", values.tolist())
        self.length = len(values)

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        if not 0 <= index < self.length:
            raise IndexError(index)
        with sqlite3.connect(self.path) as connection:
            query = "SELECT a, b, c FROM rows WHERE rowid = ?"
            first, second, target = connection.execute(query, (index + 1,)).fetchone()
        return torch.tensor([first, second]), torch.tensor(target)


class Lines(Dataset):
    """A file of JSON lines in a zip archive, kept as texts and parsed when they are read."""

    def __init__(self, train: bool):
        path = folder() / f"lines{train}.zip"
        rows = zip(*classified(train, 4), strict=True)
        lines = [json.dumps({"x": x.tolist(), "y": int(y)}) for x, y in rows]
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("lines.jsonl", "\n".join(lines))
        with zipfile.ZipFile(path) as archive:
            self.lines = archive.read("lines.jsonl").decode().splitlines()

    def __len__(self) -> int:
        return len(self.lines)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        row = json.loads(self.lines[index])
        return torch.tensor(row["x"]), row["y"]


class Complex(Dataset):
    """Spectra with a real and an imaginary channel, and the signal that they belong to."""

    def __init__(self, train: bool):
        self.signals = drawn(train, 16).numpy()

    def __len__(self) -> int:
        return len(self.signals)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        spectrum = torch.fft.rfft(torch.tensor(self.signals[index]))
        return torch.view_as_real(spectrum).T.contiguous(), torch.tensor(self.signals[index])


SUBJECTS = [
    dataset("memory_map", MemoryMap, (1, 8, 8), augmented_splits=()),
    dataset("archive", Archive, (6,), **PLAIN),
    dataset("tensor_files", TensorFiles, (6,), input_key="x", target_key="y", **PLAIN),
    dataset("database", Database, (2,), **FLOATS),
    dataset("lines", Lines, (4,), **PLAIN),
    dataset("spectra", Complex, (2, 9), **FLOATS),
]
