# SPDX-License-Identifier: MIT
"""Samples that do not depend on what a dataset draws at random, nor much on what it holds."""

from typing import Any

import torch
from torch import Tensor
from torch.utils.data import Dataset, IterableDataset

from ..instruments.formula import formula_values, input_by_formula
from ..instruments.nested import mapped
from .marks import first_samples, input_in, marks_for

LEAVES = (Tensor, int, float)
# Whole numbers of one sample that a record holds as they are: labels, lengths, short sequences.
MOST_VALUES = 64


def samples_like(dataset, number: int) -> list | None:
    """So many samples of a dataset; None where they have no inputs of one shape."""
    samples = first_samples(dataset)
    if not samples or marks_for(samples) is None:
        return None
    if len({len(leaves_of(sample)) for sample in samples}) > 1:
        return None
    return [samples[index % len(samples)] for index in range(number)]


def leaves_of(sample) -> list[Tensor]:
    """All tensors and numbers of a sample, in order."""
    found: list[Tensor] = []
    mapped(lambda leaf: found.append(torch.as_tensor(leaf)), sample, LEAVES)
    return found


def recorded_samples(samples: list) -> list[dict]:
    """What a record holds of samples: of each of their tensors and numbers, shape and values."""
    return [recorded(column) for column in zip(*map(leaves_of, samples), strict=True)]


def recorded(column: tuple[Tensor, ...]) -> dict[str, Any]:
    """Of real numbers the range; of whole ones all values, or if they are many, those there are."""
    kept: dict[str, Any] = {"shape": list(column[0].shape)}
    flat = torch.cat([tensor.flatten() for tensor in column])
    if flat.is_floating_point() and flat.isfinite().all():
        bounds = flat.min().item(), flat.max().item()
        return {**kept, "range": [float(f"{bound:.4g}") for bound in bounds]}
    if flat.is_floating_point() or column[0].numel() <= MOST_VALUES:
        return {**kept, "values": [tensor.flatten().tolist() for tensor in column]}
    return {**kept, "choices": flat.unique()[:MOST_VALUES].tolist()}


def restored_samples(samples: list, record: list[dict]) -> list:
    """Samples of the same form with the recorded values, or by formula within their range."""
    return [restored(sample, record, index) for index, sample in enumerate(samples)]


def restored(sample, record: list[dict], index: int):
    entries = iter(enumerate(record))

    def restore(leaf):
        place, kept = next(entries)
        old = torch.as_tensor(leaf)
        new = restored_tensor(f"{place} of sample {index}", old, kept, index)
        return new if isinstance(leaf, Tensor) else type(leaf)(new.item())

    return mapped(restore, sample, LEAVES)


def restored_tensor(name: str, old: Tensor, kept: dict, index: int) -> Tensor:
    if "range" in kept:
        return input_by_formula(name, old, *kept["range"])
    if "values" in kept:
        return torch.tensor(kept["values"][index], dtype=old.dtype).reshape(old.shape)
    choices = torch.tensor(kept["choices"], dtype=old.dtype)
    places = (formula_values(name, old.shape) + 1) / 2 * len(choices)
    return choices[places.long().clamp(max=len(choices) - 1)]


def shapes_of_samples(samples: list) -> list[list[int]]:
    return [list(leaf.shape) for leaf in leaves_of(samples[0])]


class Kept(Dataset):
    """A list of samples as a dataset."""

    def __init__(self, samples: list):
        self.samples = samples

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, index: int):
        return self.samples[index]


class KeptStream(Kept, IterableDataset):
    """The same for a dataset that is only iterated."""

    def __iter__(self):
        return iter(self.samples)


def kept_like(dataset, samples: list) -> Kept:
    return (KeptStream if isinstance(dataset, IterableDataset) else Kept)(samples)


def indices_in(inputs: list[Tensor], samples: list) -> list[int]:
    """The samples whose inputs are the rows of a tensor that a module is called with."""
    known = [input_in(sample) for sample in samples]
    for tensor in inputs:
        if tensor.dim() and tensor[0].numel() == known[0].numel():
            rows = [(row, i) for row in tensor for i, x in enumerate(known) if is_row(row, x)]
            if rows:
                return [index for _, index in rows]
    return []


def is_row(row: Tensor, known: Tensor) -> bool:
    return row.dtype == known.dtype and torch.equal(row.flatten(), known.flatten())
