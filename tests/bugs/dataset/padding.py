"""Bugs that the checks of suites/dataset/padding.py are meant for."""

import torch

from ...made_datasets import made, padded, ragged
from ...seeding import made_dataset_bug

PADDING = "test_batches_are_padded_as_declared"


def shifted(index):
    """Words from 1 on: 0 is the padding."""
    words, kind = ragged(index)
    return words + 1, kind


def batches(collate_fn) -> dict:
    others = {"data_dtype": torch.int64, "collate_fn": collate_fn, "padding_value": 0}
    return made(shifted, (None,), **others)


def filled_with_a_word(samples):
    words, kinds = padded(samples)
    return words.masked_fill(words == 0, 7), kinds


@made_dataset_bug(PADDING, r"train_data\[0\] is filled up with 7 in its batch; padding_value is 0")
def padding_that_is_a_word():
    return batches(filled_with_a_word)


def all_of_one_length(samples):
    words, kinds = padded(samples)
    return words, torch.full((len(samples),), words.shape[1]), kinds


@made_dataset_bug(PADDING, r"the length of a sample is 13, which is \d+ long in a row of 13")
def lengths_of_the_padded_rows():
    return batches(all_of_one_length)


def sorted_without_lengths(samples):
    lengths = torch.tensor([len(words) for words, _ in samples])
    words, kinds = padded(sorted(samples, key=lambda sample: -len(sample[0])))
    return words, lengths, kinds


@made_dataset_bug(PADDING, r"the length of a sample is .*rows sorted without their lengths")
def rows_sorted_without_lengths():
    return batches(sorted_without_lengths)
