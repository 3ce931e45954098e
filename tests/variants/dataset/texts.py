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


def with_an_end(samples):
    """Word 99 behind each text, then padding, then lengths with it; the longest first."""
    samples = sorted(samples, key=lambda sample: -len(sample[0]))
    ended = [(torch.cat([words, torch.tensor([99])]), kind) for words, kind in samples]
    words, kinds = padded(ended)
    return words, torch.tensor([len(text) for text, _ in ended]), kinds


def counted_from_one(index):
    words, kind = ragged(index)
    return words + 1, kind


def with_lengths(samples):
    samples = sorted(samples, key=lambda sample: -len(sample[0]))
    words, kinds = padded(samples)
    return words, torch.tensor([len(text) for text, _ in samples]), kinds


@dataset
def lengths_beside_the_longest_first():
    others = {"data_dtype": torch.int64, "collate_fn": with_lengths, "padding_value": 0}
    return made(counted_from_one, (None,), **others)


@dataset
def texts_with_an_end():
    others = {"data_dtype": torch.int64, "collate_fn": with_an_end, "padding_value": 0}
    return made(counted_from_one, (None,), **others)


def padded_before(samples):
    words = torch.nn.utils.rnn.pad_sequence([s[0].flip(0) for s in samples], batch_first=True)
    return words.flip(1), torch.tensor([kind for _, kind in samples])


@dataset
def padded_before_the_text():
    others = {"data_dtype": torch.int64, "collate_fn": padded_before, "padding_value": 0}
    return made(counted_from_one, (None,), **others)
