# SPDX-License-Identifier: MIT
"""The test case of a dataset: its splits, and the shape and type of its inputs, as they are."""

import itertools
from typing import Any

import torch
from torch import Tensor

from ..dataset import AbstractTestDataset
from ..dataset.reading import UnknownKind, kind_of, tensors_of
from ..model.premises import said_by
from .case_file import CaseFile
from .subject import Refusal, Subject

# Samples from which the shape is found: an axis in which they differ may have any length.
SAMPLES = 8


def dataset_case(subject: Subject, attributes: dict[str, str]) -> CaseFile:
    """An object with train_data and test_data, or one dataset. Nothing in it may vary by itself."""
    data = subject.build()
    attributes = {"data_range": "None", "augmented_splits": "()", **attributes}
    has_splits = hasattr(data, "train_data") and hasattr(data, "test_data")
    if not (has_splits or hasattr(data, "__getitem__") or hasattr(data, "__iter__")):
        found = f"{subject.typed} is of type {type(data).__name__}"
        raise Refusal(f"{found}; expected a dataset, or an object with train_data and test_data")
    inputs = first_inputs(subject, data.train_data if has_splits else data)
    shapes = [merged([tensors[i].shape for tensors in inputs]) for i in range(len(inputs[0]))]
    types = [tensor.dtype for tensor in inputs[0]]
    if any(dtype is not torch.get_default_dtype() for dtype in types):
        attributes.setdefault("data_dtype", one_or_all(types))
    set_up = [f"self.data = {subject.expression}", f"self.data_shape = {one_or_all(shapes)}"]
    splits = ["", "def splits(self):", '    return {"data": self.data}']
    methods = [] if has_splits else splits
    name = type(data).__name__
    return CaseFile(subject, AbstractTestDataset, name, set_up, attributes, methods)


def first_inputs(subject: Subject, split: Any) -> list[list[Tensor]]:
    """The tensors of the inputs of the first samples; Refusal where they cannot be read."""
    case: Any = AbstractTestDataset()
    try:
        samples = list(itertools.islice(samples_of(split), SAMPLES))
        inputs = [tensors_of(case.input_of(sample), "input") for sample in samples]
    except UnknownKind as error:
        raise Refusal(
            f"{subject.typed} has {error}. A test case says what is what, by input_of(sample) and "
            f"target_of(sample)"
        ) from None
    except Exception as error:
        found = f"{subject.typed} cannot be read: {said_by(error)}"
        raise Refusal(f"{found}. Samples are split[0] to split[len(split) - 1]") from None
    if not inputs:
        raise Refusal(f"{subject.typed} is empty, or {kind_of(split)} has no samples")
    return inputs


def samples_of(split: Any):
    if hasattr(split, "__getitem__") and hasattr(split, "__len__"):
        return (split[i] for i in range(len(split)))
    return iter(split)


def merged(shapes: list[torch.Size]) -> tuple[int | None, ...]:
    """One shape for all, with None for an axis in which they differ."""
    lengths = zip(*shapes, strict=False)
    return tuple(first if {first} == {*others} else None for first, *others in lengths)


def one_or_all(values: list) -> str:
    return repr(values[0]) if len(values) == 1 else repr(values)
