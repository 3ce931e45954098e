"""Texts as indices of words."""

import torch

from ...made_datasets import drawn, made, padded, ragged, text
from ...varying import dataset


def classified(index):
    return text(index, 20)


@dataset
def texts_with_a_kind():
    return made(classified, (20,), data_dtype=torch.int64)


@dataset
def texts_of_several_lengths():
    return made(ragged, (None,), data_dtype=torch.int64, collate_fn=padded)


def sorted_and_packed(samples):
    """The longest first, as a packed sequence wants it; targets go with them."""
    return padded(sorted(samples, key=lambda sample: -len(sample[0])))


@dataset
def longest_text_first():
    return made(ragged, (None,), data_dtype=torch.int64, collate_fn=sorted_and_packed)


def translated(index):
    words, _ = text(index, 5 + index % 9)
    return {"input_ids": words.tolist(), "labels": (words.flip(0) + 1).tolist()}


@dataset
def lists_of_words_with_their_translation():
    return made(translated, (None,), data_dtype=torch.int64, collate_fn=list)


TEXT = torch.randint(0, 40, (700,), generator=drawn(0))


def next_words(index):
    return TEXT[index : index + 16], TEXT[index + 1 : index + 17]


@dataset
def windows_over_a_text():
    return made(next_words, (16,), data_dtype=torch.int64)


def masked(samples):
    """Hides words at random, and asks for them alone."""
    words, _ = padded(samples)
    hidden = torch.rand(words.shape) < 0.15
    return words.masked_fill(hidden, 0), words.masked_fill(~hidden, -100)


@dataset
def words_hidden_by_collate_fn():
    return made(ragged, (None,), data_dtype=torch.int64, collate_fn=masked)
