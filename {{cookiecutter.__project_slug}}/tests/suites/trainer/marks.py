# SPDX-License-Identifier: MIT
"""Samples that can be told wherever they turn up: real ones, with an input marked by its value."""

import copy
import itertools
import random
from dataclasses import dataclass
from types import SimpleNamespace

import torch
from torch import Tensor
from torch.utils.data import Dataset, IterableDataset, default_collate

from ..instruments.calls import tensors_in
from .next_tokens import following

# Values of the inputs of a split: apart from each other and from those of the other splits, and
# legal for a loss on [-1, 1] and for one on [0, 1].
FIRST_VALUES = {"train_data": 0.1, "test_data": 0.6}
OTHER_SPLITS = -0.45  # of a third split, for which no loss on its inputs is defined
SPACING = 0.02
MOST = 25  # samples with values of their own; those after them repeat these values
DIGITS = 6  # tokens that mark a sequence: its split, and its index in base 2
PATTERN = 0.05  # of the spacing: what is left of the real input, so that it is not constant


def input_in(sample):
    """The input of a sample: the first of a tuple, the first tensor of a dict, or all of it."""
    if isinstance(sample, dict):
        sample = next((v for v in sample.values() if isinstance(v, Tensor)), None)
    return sample[0] if isinstance(sample, tuple | list) else sample


def with_input(sample, value):
    """A sample with another input, and all else as it is."""
    if isinstance(sample, dict):
        key = next(k for k, v in sample.items() if isinstance(v, Tensor))
        return {**sample, key: value}
    if isinstance(sample, tuple | list):
        kept = (value, *sample[1:])
        return type(sample)(*kept) if hasattr(sample, "_fields") else type(sample)(kept)
    return value


@dataclass(frozen=True)
class Marks:
    """How the inputs of a dataset are marked: by their mean, or by their first tokens."""

    size: int  # values in an input
    tokens: tuple[int, int] | None = None  # for 0 and 1

    def left_of(self, real: Tensor) -> Tensor:
        """What is left of a real input below the mark."""
        return real if self.tokens else PATTERN * SPACING * pattern_of(real)

    def mark(self, left: Tensor, split: str, index: int) -> Tensor:
        if self.tokens is None:
            return value_of(split, index) + left
        marked = left.clone()
        bits = [split == "test_data", *((index % 32 >> k) & 1 for k in range(DIGITS - 1))]
        marked[:DIGITS] = torch.tensor([self.tokens[bit] for bit in bits])
        return marked

    def fits(self, inputs: Tensor) -> bool:
        """Whether a tensor may be a batch of marked inputs, changed or not, of any split."""
        is_batch = self.tokens is None and inputs.is_floating_point() and inputs.dim() > 0
        return is_batch and inputs[:1].numel() == self.size

    def samples(self, inputs: Tensor, split: str) -> list[int] | None:
        """The indices of a batch's samples that belong to a split; None for no batch of inputs."""
        if inputs.dim() == 0 or inputs.is_meta or inputs[:1].numel() == 0:
            return None
        rows = inputs.detach().flatten(1) if inputs.dim() > 1 else inputs.detach().unsqueeze(1)
        if self.tokens is not None:
            return None if inputs.is_floating_point() else sequences(rows, split, self.tokens)
        if not self.fits(inputs):
            return None
        rows = rows[rows.amax(dim=1) - rows.amin(dim=1) < SPACING].double()  # of one colour
        distances = [(value - first_value(split)) / SPACING for value in rows.mean(dim=1).tolist()]
        near = [round(d) for d in distances if abs(d - round(d)) < 0.2]  # inf and nan are not
        return [index for index in near if 0 <= index < MOST]


def sequences(rows: Tensor, split: str, tokens: tuple[int, int]) -> list[int] | None:
    """The indices of those sequences that belong to a split; None where they are too short."""
    if rows.shape[1] <= DIGITS:
        return None
    zero, one = tokens
    return [
        sum((token == one) << k for k, token in enumerate(row[1:]))
        for row in rows[:, :DIGITS].tolist()
        if set(row) <= {zero, one} and (row[0] == one) == (split == "test_data")
    ]


def first_value(split: str) -> float:
    return FIRST_VALUES.get(split, OTHER_SPLITS)


def value_of(split: str, index: int) -> float:
    return first_value(split) + SPACING * (index % MOST)


def pattern_of(real: Tensor) -> Tensor:
    """The pattern of a real input: of mean 0, in [-1, 1]."""
    pattern = real - real.mean()
    return pattern / pattern.abs().max().clamp(min=1e-6)


def marks_for(samples: list) -> Marks | None:
    """How the inputs of these samples can be marked; None where they cannot."""
    inputs = [input_in(sample) for sample in samples]
    if not all(isinstance(x, Tensor) and x.shape == inputs[0].shape for x in inputs):
        return None
    if inputs[0].is_floating_point():
        return Marks(inputs[0].numel()) if inputs[0].numel() else None
    tokens = torch.stack(inputs).flatten().unique().tolist()
    if inputs[0].dim() != 1 or len(inputs[0]) <= DIGITS or len(tokens) < 2:
        return None
    middle = len(tokens) // 2  # at the ends there may be padding
    return Marks(inputs[0].numel(), (tokens[middle - 1], tokens[middle]))


class MarkedSplit(Dataset):
    """Real samples, over and over, whose inputs are marked."""

    def __init__(self, name: str, samples: list, marks: Marks, size: int, augmented=False):
        self.name = name
        self.real = samples
        self.marks = marks
        self.size = size
        self.augmented = augmented and marks.tokens is None  # slightly, by two generators
        self.left: dict[int, Tensor] = {}
        self.is_list = False

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, index):
        if isinstance(index, slice):
            return self.joined([self[i] for i in range(self.size)[index]])
        if not 0 <= index < self.size:
            raise IndexError(index)
        number = index % len(self.real)
        real = self.real[number]
        if number not in self.left:
            self.left[number] = self.marks.left_of(input_in(real))
        marked = self.marks.mark(self.left[number], self.name, index)
        if self.augmented:
            marked = marked + 0.1 * SPACING * (torch.rand(()).item() + random.random() - 1)
        return with_input(following(real, input_in(real), marked), marked)

    def joined(self, samples: list):
        """Several samples as slices of a TensorDataset have them; those of a list are a list."""
        found = samples if self.is_list else default_collate(samples)
        return tuple(found) if isinstance(found, list) and not self.is_list else found


class MarkedStream(MarkedSplit, IterableDataset):
    """The same for a dataset that is only iterated."""

    def __iter__(self):
        return iter([MarkedSplit.__getitem__(self, i) for i in range(self.size)])


def first_samples(dataset, number: int = 16) -> list:
    """Some samples of a dataset, evenly spaced where it is indexed."""
    if isinstance(dataset, IterableDataset):
        return list(itertools.islice(dataset, number))
    indices = range(0, len(dataset), max(1, len(dataset) // number))
    return [dataset[i] for i in indices[:number]]


def marked_split(name: str, dataset, size: int, augmented: bool = False):
    """So many marked samples like those of a dataset; None where they cannot be marked."""
    samples = first_samples(dataset)
    marks = marks_for(samples) if samples else None
    if marks is None:
        return None
    cls = MarkedStream if isinstance(dataset, IterableDataset) else MarkedSplit
    split = cls(name, samples, marks, size, augmented)
    split.is_list = isinstance(dataset, list)
    return split


def with_splits(data, **splits):
    """The owner's data object with other datasets in it."""
    try:
        data = copy.copy(data)
        vars(data).update(splits)
    except TypeError:  # it has no attributes of its own
        return SimpleNamespace(**splits)
    return data


def samples_in(inputs, marks: Marks, split: str) -> list[int]:
    """The indices of all samples of a split among the tensors that a module was called with."""
    found = (marks.samples(tensor, split) for tensor in tensors_in(inputs))
    return next((indices for indices in found if indices is not None), [])
