# SPDX-License-Identifier: MIT
"""The test case of a dataset: its splits, and the shapes and types of its samples, as found."""

import itertools
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from ..dataset import AbstractTestDataset
from ..dataset.reading import UnknownKind, leaves, tensors_of
from ..model.premises import said_by
from .case_file import CaseFile
from .subject import Refusal, Subject

# Samples from which the shape is found: an axis in which they differ may have any length.
SAMPLES = 8


def dataset_case(subject: Subject, declared: dict[str, str]) -> CaseFile:
    """An object with train_data and test_data, or one dataset. Nothing in it varies by itself."""
    data = subject.build()
    has_splits = hasattr(data, "train_data") and hasattr(data, "test_data")
    if not (has_splits or hasattr(data, "__getitem__") or hasattr(data, "__iter__")):
        kind = f"{subject.typed} is of type {type(data).__name__}"
        raise Refusal(f"{kind}; expected a dataset, or an object with train_data and test_data")
    inputs, targets = first_samples(subject, data.train_data if has_splits else data)
    shapes = [merged([t.shape for t in tensors]) for tensors in zip(*inputs, strict=False)]
    found = {"data_range": "None", "augmented_splits": "()", **types(inputs[0], targets[0])}
    set_up = [f"self.data = {subject.expression}", f"self.data_shape = {one_or_all(shapes)}"]
    splits = ["", "def splits(self):", '    return {"data": self.data}']
    name, methods = type(data).__name__, [] if has_splits else splits
    return CaseFile(subject, AbstractTestDataset, name, set_up, {**found, **declared}, methods)


def first_samples(subject: Subject, split: Any) -> tuple[list[list[Tensor]], list[list]]:
    """The tensors of inputs, and the parts of targets; Refusal where they cannot be read."""
    case: Any = AbstractTestDataset()
    try:
        samples = list(itertools.islice(samples_of(split), SAMPLES))
        inputs = [tensors_of(case.input_of(sample), "input") for sample in samples]
        targets = [leaves(case.target_of(sample)) for sample in samples]
    except UnknownKind as error:
        raise Refusal(
            f"{subject.typed} has {error}. A test case says what is what, by input_of(sample) and "
            f"target_of(sample)"
        ) from None
    except Exception as error:
        found = f"{subject.typed} cannot be read: {said_by(error)}"
        raise Refusal(f"{found}. Samples are split[0] to split[len(split) - 1]") from None
    if not samples:
        raise Refusal(f"{subject.typed} has no samples")
    return inputs, targets


def samples_of(split: Any) -> Iterator:
    if hasattr(split, "__getitem__") and hasattr(split, "__len__"):
        return (split[index] for index in range(len(split)))
    return iter(split)


def merged(shapes: list[torch.Size]) -> tuple[int | None, ...]:
    """One shape for all, with None for an axis in which they differ."""
    return tuple(axis[0] if len({*axis}) == 1 else None for axis in zip(*shapes, strict=False))


def types(inputs: list[Tensor], targets: list) -> dict[str, str]:
    """The types to declare: of inputs that are no usual floats, and of a number to predict."""
    found, usual = {}, torch.get_default_dtype()
    if any(tensor.dtype is not usual for tensor in inputs):
        found["data_dtype"] = one_or_all([tensor.dtype for tensor in inputs])
    if len(targets) == 1 and isinstance(targets[0], Tensor) and targets[0].is_floating_point():
        found["target_dtype"] = repr(targets[0].dtype)
    return found


def one_or_all(values: list) -> str:
    return repr(values[0]) if len(values) == 1 else repr(values)
