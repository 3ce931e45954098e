# SPDX-License-Identifier: MIT
"""How samples are taken of a split: by index, many at once, or the first ones of a stream."""

import itertools
from collections.abc import Iterator

from torch.utils.data import IterableDataset


def is_stream(split) -> bool:
    """Whether samples are read one after the other only, without an index."""
    return isinstance(split, IterableDataset) or not hasattr(type(split), "__getitem__")


def first_samples(stream, count: int) -> list:
    return list(itertools.islice(stream, count))


class Beginning:
    """The first samples of a stream, with indices. `complete`: there are no more than these."""

    def __init__(self, stream, count: int):
        samples = first_samples(stream, count + 1)
        self.complete = len(samples) <= count
        self.samples = samples[:count]

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, index: int):
        return self.samples[index]

    def __iter__(self) -> Iterator:
        return iter(self.samples)


def samples_at(split, indices: list) -> list:
    """Samples read as a DataLoader reads a batch: at once, where the dataset has that."""
    if hasattr(split, "__getitems__"):
        return split.__getitems__(indices)
    return [split[index] for index in indices]


def one_by_one(split, indices: list) -> Iterator:
    """Each sample before the next one is read, which may take its place in a buffer."""
    return (split[index] for index in indices)
