"""Bugs that the checks of suites/dataset/pairs.py are meant for."""

import torch

from ...made_datasets import drawn, made
from ...seeding import made_dataset_bug

PAIRS = "test_pairs_of_the_same_are_alike"


def pair(index, partner=lambda index: index + 1000):
    """Two noisy images of one pattern of five, or of two, and whether it is the same."""
    same = index % 2
    other = index % 5 if same else (index + 1 + index // 5 % 4) % 5
    images = [
        torch.rand(8, 8, generator=drawn(kind)) + 0.5 * torch.rand(8, 8, generator=drawn(noise))
        for kind, noise in ((index % 5, 100 + index), (other, 100 + partner(index)))
    ]
    return (images[0] - 0.75, images[1] - 0.75), float(same)


def inverted(index):
    images, same = pair(index)
    return images, 1 - same


@made_dataset_bug(PAIRS, r"pairs with the target 1, .* are 0.4\d* apart, all others 0.2.*different")
def targets_that_say_what_is_different():
    return made(inverted, (8, 8), same_pair=1.0)


def with_itself(index):
    return pair(index, lambda index: index)


@made_dataset_bug(PAIRS, r"60 of 60 pairs of train_data that show the same are one input twice")
def pairs_of_one_image():
    return made(with_itself, (8, 8), same_pair=1.0)
