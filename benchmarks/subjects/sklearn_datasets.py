"""Toy data of scikit-learn, split by its own function."""

from collections.abc import Callable

import numpy as np
import torch
from sklearn import datasets, model_selection, preprocessing
from torch.utils.data import Dataset, TensorDataset

from .subject import dataset

PACKAGE = "scikit-learn"
PLAIN = {"augmented_splits": (), "data_range": None}


def parts(inputs: np.ndarray, targets: np.ndarray, train: bool) -> tuple[np.ndarray, np.ndarray]:
    """The half of the samples that a split has, scaled by the statistics of the training half."""
    halves = model_selection.train_test_split(inputs, targets, test_size=0.5, random_state=0)
    scaler = preprocessing.StandardScaler().fit(halves[0])
    return scaler.transform(halves[0 if train else 1]), halves[2 if train else 3]


def tensors(load: Callable, target_type: torch.dtype = torch.int64) -> Callable:
    """A split of tensors of what a function of scikit-learn returns."""

    def split(train: bool) -> TensorDataset:
        inputs, targets = parts(*load(), train)
        return TensorDataset(
            torch.tensor(inputs, dtype=torch.float32), torch.tensor(targets, dtype=target_type)
        )

    return split


class Digits(Dataset):
    """Arrays, converted when they are read."""

    def __init__(self, train: bool):
        digits = datasets.load_digits()
        halves = np.arange(len(digits.images)) % 2 == int(train)
        self.images, self.labels = digits.images[halves], digits.target[halves]

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        image = torch.from_numpy(self.images[index]).float() / 16
        return image.unsqueeze(0), int(self.labels[index])


class ArraysOfIris(Dataset):
    """NumPy arrays as samples, which the DataLoader converts."""

    def __init__(self, train: bool):
        self.inputs, self.labels = parts(*datasets.load_wine(return_X_y=True), train)

    def __len__(self) -> int:
        return len(self.inputs)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.int64]:
        return self.inputs[index].astype(np.float32), self.labels[index]


FLOATS = {**PLAIN, "target_dtype": torch.float32}

SUBJECTS = [
    dataset("digits", Digits, (1, 8, 8), augmented_splits=(), data_range=(0, 1)),
    dataset("iris", tensors(lambda: datasets.load_iris(return_X_y=True)), (4,), **PLAIN),
    dataset("wine", ArraysOfIris, (13,), **PLAIN),
    dataset(
        "diabetes",
        tensors(lambda: datasets.load_diabetes(return_X_y=True), torch.float32),
        (10,),
        **FLOATS,
    ),
    dataset(
        "moons", tensors(lambda: datasets.make_moons(80, noise=0.1, random_state=0)), (2,), **PLAIN
    ),
    dataset(
        "several_labels",
        tensors(lambda: datasets.make_multilabel_classification(80, random_state=0), torch.float32),
        (20,),
        **FLOATS,
    ),
]
