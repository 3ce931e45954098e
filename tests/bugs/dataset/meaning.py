"""Bugs that the checks of suites/dataset/meaning.py are meant for."""

import torch

from ...made_datasets import made, picture, row
from ...seeding import made_dataset_bug

MEANING = "test_targets_mean_the_same_in_every_split"
TEST = 120  # the first index of the test split


def scaled_in_test(index):
    values, number = row(index)
    return values, number * 100 if index >= TEST else number


@made_dataset_bug(MEANING, r"Targets of train_data lie between .* those of test_data.*other units")
def other_units_in_the_test_split():
    return made(scaled_in_test, (6,), target_dtype=torch.float32)


def kelvin_in_test(index):
    values, number = row(index)
    return values, torch.stack([number, number + 273.15 * (index >= TEST)])


@made_dataset_bug(MEANING, r"those of test_data between 2\d\d.*other units")
def kelvin_and_celsius():
    return made(kelvin_in_test, (6,))


def scaled_mask_in_test(index):
    image, mask = picture(index)
    return image, mask * 255 if index >= TEST else mask


@made_dataset_bug(
    MEANING, r"No target of test_data has the values \[1\], which train_data has.*255"
)
def masks_of_the_test_split_as_images():
    return made(scaled_mask_in_test, (1, 16, 16))


def float_in_test(index):
    image, mask = picture(index)
    return image, mask.float() if index >= TEST else mask


@made_dataset_bug(MEANING, r"int64\], those of test_data .*float32\].*converted in another way")
def fractions_in_the_test_split():
    return made(float_in_test, (1, 16, 16))
