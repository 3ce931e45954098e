# SPDX-License-Identifier: MIT
"""Batches that the DataLoader's own function has made, taken apart."""

from collections.abc import Mapping

import torch
from torch import Tensor

from .reading import leaves, same


def size_of(batch) -> int:
    """The number of samples in a batch that the DataLoader's own function has made."""
    if isinstance(batch, Mapping):
        return size_of(next(iter(batch.values())))
    if isinstance(batch, tuple | list):
        return len(batch) if isinstance(batch[0], str | bytes) else size_of(batch[0])
    return len(batch)


def is_at(value, batch, position: int) -> bool:
    """Whether a part of a sample stands at a position of the same part of a batch."""
    if isinstance(value, Mapping) and isinstance(batch, Mapping):
        return all(is_at(value[key], batch[key], position) for key in value)
    if isinstance(batch, Tensor):
        found = batch[position]
        expected = leaves(value)[0]
        if isinstance(value, float):  # which fills a batch as float64
            expected = torch.tensor(value, dtype=found.dtype)
        return same([found], [expected.to(found.dtype)])
    if isinstance(value, tuple | list) and isinstance(batch, tuple | list):
        return all(is_at(part, b, position) for part, b in zip(value, batch, strict=True))
    return same([value], [batch[position]]) if isinstance(batch, tuple | list) else True
