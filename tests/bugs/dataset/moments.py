"""Bugs that the checks of suites/dataset/moments.py are meant for."""

import types

import torch
from torch.utils.data import TensorDataset

from ...made_datasets import drawn, made, picture
from ...seeding import made_dataset_bug

DECLARED = "test_inputs_are_standardised_as_declared"
OWN = "test_splits_are_scaled_with_moments_of_the_first"
CHANNELS = "test_channels_are_alike_in_every_split"
ROWS = torch.randn(180, 4, generator=drawn(0)) * torch.tensor([1.0, 5.0, 0.2, 3.0]) + 2
TRAIN, TEST = ROWS[:120], ROWS[120:]


def tables(train, test, **others) -> dict:
    splits = [TensorDataset(rows, rows.sum(dim=1) + 0.1) for rows in (train, test)]
    data = types.SimpleNamespace(train_data=splits[0], test_data=splits[1])
    return {"data": data, "data_shape": (4,), "data_range": None, "augmented_splits": (), **others}


def scaled(rows, like):
    return (rows - like.mean(dim=0)) / like.std(dim=0)


@made_dataset_bug(
    DECLARED, r"Feature 0 of train_data has mean -0.008.* and spread 0.655; .*fractions"
)
def fractions_cut_off():
    train = scaled(TRAIN, TRAIN).trunc()
    return tables(train, scaled(TEST, TRAIN).trunc(), standardised=(0, 1, 2, 3))


@made_dataset_bug(DECLARED, r"Feature 1 of train_data has mean -0.\d+ and .*gaps filled with 0")
def gaps_as_zeros_before_scaling():
    rows = TRAIN + 10
    filled = torch.where(torch.rand(120, 1, generator=drawn(1)) < 0.2, 0.0, rows)
    return tables(scaled(filled, rows), scaled(TEST + 10, rows), standardised=(1,))


@made_dataset_bug(
    OWN,
    r"Features \[0, 1, 2, 3\] of test_data have mean 0 and spread 1 to the last digit.*of its own",
    source="scikit-learn's common pitfalls: fit_transform of the test data",
)
def test_split_scaled_by_itself():
    return tables(scaled(TRAIN, TRAIN), scaled(TEST, TEST))


@made_dataset_bug(
    OWN,
    r"Features \[0, 1, 2, 3\] of train_data and test_data together have mean 0 .*of all data",
    source="scikit-learn's common pitfalls: scaling before the split",
)
def scaled_before_the_split():
    return tables(scaled(TRAIN, ROWS), scaled(TEST, ROWS))


COLOURS = torch.tensor([0.4, 0.0, -0.4])[:, None, None]


def coloured(index):
    image, mask = picture(index)
    noise = 0.1 * torch.rand(3, 16, 16, generator=drawn(index))
    return image * 0.2 + COLOURS + noise, mask.any().long()


def blue_first_in_test(index):
    image, label = coloured(index)
    return image.flip(0) if index >= 120 else image, label


@made_dataset_bug(
    CHANNELS, r"Channel 0, less the mean of all, is 0.4 in train_data and -0.4 in test"
)
def test_images_with_blue_first():
    return made(blue_first_in_test, (3, 16, 16))


def blue_first_and_last_axis(index):
    image, label = blue_first_in_test(index)
    return image.permute(1, 2, 0), label


@made_dataset_bug(CHANNELS, r"Channel 0, less the mean of all, .*read as BGR")
def test_arrays_with_blue_first():
    return made(blue_first_and_last_axis, (16, 16, 3))
