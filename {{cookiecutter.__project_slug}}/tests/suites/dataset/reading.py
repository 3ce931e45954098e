# SPDX-License-Identifier: MIT
"""What a sample consists of, as tensors: tuples, dicts, images, arrays, numbers in any nesting."""

import dataclasses
from collections.abc import Mapping, Sequence
from numbers import Number

import numpy as np
import torch
from torch import Tensor

# Names under which the fields of a sample are commonly found, in lower case.
INPUT_KEYS = (
    *("input", "inputs", "x", "image", "images", "img", "pixel_values", "input_ids", "tokens"),
    *("input_values", "input_features", "features", "data", "audio", "waveform", "signal"),
)
TARGET_KEYS = (
    *("target", "targets", "y", "label", "labels", "class", "mask", "masks", "boxes", "bbox"),
    *("segmentation", "annotation", "annotations", "keypoints"),
)


class UnknownKind(Exception):
    """A sample that the suite cannot read; the text says what it is and what to declare."""


def fields_of(sample) -> Mapping | None:
    """The named fields of a sample, or None where it has none."""
    if isinstance(sample, Mapping):
        return sample
    if dataclasses.is_dataclass(sample):
        return vars(sample)
    return None


def taken(fields: Mapping, keys):
    """One field, or a dict of several, by the names that an owner has declared."""
    missing = [key for key in ([keys] if isinstance(keys, str) else keys) if key not in fields]
    if missing:
        raise UnknownKind(
            f"a sample with the keys {sorted(fields)}, of which {missing[0]!r} is none"
        )
    return fields[keys] if isinstance(keys, str) else {key: fields[key] for key in keys}


def found(fields: Mapping, names: tuple[str, ...]) -> list:
    """The keys of the fields that have one of the usual names."""
    return [key for key in fields if str(key).lower() in names]


def usual_input(fields: Mapping):
    """The only field whose name says that it is an input, or the only one that is no target."""
    keys = found(fields, INPUT_KEYS)
    if len(keys) != 1:
        keys = [key for key in fields if key not in found(fields, TARGET_KEYS)]
    if len(keys) != 1:
        raise UnknownKind(
            f"a sample with the keys {sorted(map(str, fields))}; set input_key (and target_key)"
        )
    return fields[keys[0]]


def usual_target(fields: Mapping):
    """The field whose name says that it is a target, or a dict of them where there are several."""
    keys = found(fields, TARGET_KEYS)
    if not keys and len(fields) == 2 and len(found(fields, INPUT_KEYS)) == 1:
        keys = [key for key in fields if key not in found(fields, INPUT_KEYS)]
    if len(keys) > 1:
        return {key: fields[key] for key in keys}
    return fields[keys[0]] if keys else None


def leaves(value) -> list:
    """The values in nested tuples, lists, dicts and dataclasses, in order; numbers make tensors.

    A list of numbers, or of lists of them, is one tensor. What is no number (a text, None) stays.
    """
    if isinstance(value, Tensor):
        return [value if type(value) is Tensor else value.as_subclass(Tensor)]
    if isinstance(value, int | float):
        return [torch.tensor(value)]
    if isinstance(value, Number | np.generic) and not isinstance(value, np.str_):
        return [torch.as_tensor(value)]
    if (fields := fields_of(value)) is not None:
        return [leaf for item in fields.values() for leaf in leaves(item)]
    if isinstance(value, list) and (tensor := tensor_of_numbers(value)) is not None:
        return [tensor]
    if isinstance(value, tuple | list):
        return [leaf for item in value for leaf in leaves(item)]
    if hasattr(value, "__array__") or hasattr(value, "__array_interface__"):
        return [tensor_of_array(value)]
    return [value]


def tensor_of_numbers(values: list) -> Tensor | None:
    """A tensor of a list of numbers or of nested lists of them, None where it is something else."""
    first = values
    while isinstance(first, list) and first:
        first = first[0]
    if not isinstance(first, Number):
        return None
    try:
        return torch.tensor(values)
    except (ValueError, TypeError, RuntimeError):  # lists of several lengths
        return None


def tensor_of_array(value) -> Tensor:
    """A copy of an array or of an image, as a tensor: it may be read only, or run backwards."""
    try:
        return torch.from_numpy(np.array(value))
    except TypeError:
        raise UnknownKind(f"an array of {np.asarray(value).dtype}") from None


def tensors_of(value, what: str) -> list[Tensor]:
    """All tensors in an input; refuses what is no number."""
    if type(value) is Tensor and value.layout == torch.strided:
        return [value]
    tensors = leaves(value)
    for tensor in tensors:
        if not isinstance(tensor, Tensor):
            raise UnknownKind(f"{what} of type {kind_of(tensor)}")
    if not tensors:
        raise UnknownKind(f"an empty {what}")
    return [tensor.to_dense() if tensor.layout != torch.strided else tensor for tensor in tensors]


def kind_of(value) -> str:
    cls = type(value)
    return cls.__name__ if cls.__module__ == "builtins" else f"{cls.__module__}.{cls.__name__}"


def same(first: Sequence, second: Sequence) -> bool:
    """Whether two lists of leaves are equal, NaN to NaN as well."""
    if len(first) != len(second):
        return False
    return all(map(same_leaf, first, second))


def same_leaf(first, second) -> bool:
    """Of objects that do not say when they are equal, it is enough that they are of one kind."""
    if first is second:
        return True
    if not (isinstance(first, Tensor) and isinstance(second, Tensor)):
        if type(first) is not type(second):
            return False
        return type(first).__eq__ is object.__eq__ or bool(first == second)
    if first.shape != second.shape or first.dtype != second.dtype:
        return False
    return (
        torch.equal(first, second)
        or torch.allclose(first.nan_to_num(), second.nan_to_num(), rtol=0, atol=0)
        and torch.equal(first.isnan(), second.isnan())
    )


def content_of(tensors: list[Tensor]) -> bytes:
    """Shapes and values of some tensors, to be looked up."""
    parts = [t.view(torch.uint8) if t.dtype == torch.bfloat16 else t for t in tensors]
    return b"".join(str(t.shape).encode() + t.contiguous().numpy().tobytes() for t in parts)


def copied(values: list) -> list:
    """The same leaves in memory of their own."""
    return [value.clone() if isinstance(value, Tensor) else value for value in values]
