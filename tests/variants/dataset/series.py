"""Windows over a series, pairs and views."""

import types

import torch
from torch.utils.data import Dataset

from ...made_datasets import Made, digit, made
from ...varying import dataset

SERIES = torch.sin(torch.arange(2000) / 9.0) + 0.1 * torch.randn(
    2000, generator=torch.Generator().manual_seed(0)
)
NOISE = torch.randn(2000, generator=torch.Generator().manual_seed(1))


class Windows(Dataset):
    """Views of a series, and the value that follows each."""

    def __init__(self, series, count):
        self.series, self.count = series, count

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        return self.series[index : index + 24], self.series[index + 24]


def windows(series) -> dict:
    train, test = Windows(series[:1000], 900), Windows(series[1000:], 300)
    data = types.SimpleNamespace(train_data=train, test_data=test)
    others = {"augmented_splits": (), "data_range": None, "target_dtype": torch.float32}
    return {"data": data, "data_shape": (24,), **others}


@dataset
def windows_over_a_series():
    return windows(SERIES)


@dataset
def windows_over_noise():
    """The target of a window is the last value of the next one."""
    return windows(NOISE)


@dataset
def windows_over_a_rising_series():
    return windows(SERIES / 4 + torch.arange(2000) / 100.0)


def two_views(index):
    image, _ = digit(index)
    noise = [0.1 * torch.rand(()) * image.sign() for _ in range(2)]
    return [(image - n).clamp(-1, 1) for n in noise]


@dataset
def two_views_of_an_image():
    data = types.SimpleNamespace(
        train_data=Made(two_views, 120), test_data=Made(two_views, 60, 120)
    )
    both = ("train_data", "test_data")
    return {"data": data, "data_shape": (1, 32, 32), "augmented_splits": both}


class Pairs(Dataset):
    """An image and another one drawn at each read, and whether they show the same digit."""

    def __init__(self, start, count):
        self.start, self.count = start, count

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        image, label = digit(self.start + index)
        other, other_label = digit(self.start + int(torch.randint(self.count, ())))
        return (image, other), int(label == other_label)


@dataset
def pairs_with_one_drawn_anew():
    data = types.SimpleNamespace(train_data=Pairs(0, 120), test_data=Pairs(120, 60))
    both = ("train_data", "test_data")
    return {"data": data, "data_shape": (1, 32, 32), "augmented_splits": both}


class PairsOfNoise(Pairs):
    """Nothing of a sample is its index's own."""

    def __getitem__(self, index):
        first, second = (digit(self.start + int(torch.randint(self.count, ()))) for _ in range(2))
        return (first[0], second[0]), int(first[1] == second[1])


@dataset
def pairs_drawn_anew():
    data = types.SimpleNamespace(train_data=PairsOfNoise(0, 120), test_data=PairsOfNoise(120, 60))
    both = ("train_data", "test_data")
    return {"data": data, "data_shape": (1, 32, 32), "augmented_splits": both}


def point(index):
    """Two numbers at each read, of which nothing repeats."""
    return torch.rand(2) * 2 - 1, 0


@dataset
def points_drawn_anew():
    data = types.SimpleNamespace(train_data=Made(point, 120), test_data=Made(point, 60))
    return {"data": data, "data_shape": (2,), "augmented_splits": ("train_data", "test_data")}


def four_rows(index):
    row = torch.tensor([index % 2, index // 2 % 2]).float() * 2 - 1
    return row, int(row[0] != row[1])


@dataset
def the_four_rows_of_exclusive_or():
    return made(four_rows, (2,))


def shifted_by_two(index):
    image, label = digit(index)
    return image.roll(torch.randint(-2, 3, (2,)).tolist(), (1, 2)), label


@dataset
def shifted_by_two_pixels():
    data = types.SimpleNamespace(
        train_data=Made(shifted_by_two, 120), test_data=Made(digit, 60, start=120)
    )
    return {"data": data, "data_shape": (1, 32, 32)}
