"""Bugs that the checks of suites/dataset/features.py are meant for."""

import torch

from ...made_datasets import drawn, made, row, text
from ...seeding import made_dataset_bug

FEATURES = "test_targets_are_not_among_the_features"
WORDS = "test_words_are_known_from_the_first_split"


def target_kept(index):
    values, number = row(index)
    return torch.cat([values[:5], number[None] / 20]), number


@made_dataset_bug(
    FEATURES, r"Feature 5 of train_data is the target, but for a factor and a constant"
)
def target_left_among_the_features():
    return made(target_kept, (6,), target_dtype=torch.float32)


def numbered(index):
    """Read from a file that is sorted by class; every third row is one of the test split."""
    place = index % 120 * 3 // 2 if index < 120 else (index - 120) * 3 + 2
    values = torch.rand(4, generator=drawn(place)) * 2 - 1
    return torch.cat([values, torch.tensor([place / 90.0 - 1])]), place // 60


@made_dataset_bug(
    FEATURES, r"Feature 4 numbers the 180 samples of all splits, and each of the 3 cl"
)
def number_of_the_row_among_the_features():
    return made(numbered, (5,))


def few_words(index):
    """The test split has words of its own."""
    words, kind = text(index, 20)
    return torch.where(words < 45, words, words if index >= 120 else 1), kind


@made_dataset_bug(
    WORDS, r"test_data has 5 words that train_data has not, such as \[45, .*all texts"
)
def vocabulary_of_all_texts():
    return made(few_words, (20,), data_dtype=torch.int64, unknown_word=1)
