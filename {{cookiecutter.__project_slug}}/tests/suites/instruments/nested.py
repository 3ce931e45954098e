# SPDX-License-Identifier: MIT
"""Tensors in any nesting of tuples, lists, mappings and dataclasses."""

import copy
import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor


def children_of(value) -> list[tuple[Any, Any]] | None:
    """Key or index and value of what a container holds; None for anything else."""
    if isinstance(value, Mapping):  # an output of Hugging Face's is a mapping and a dataclass
        return list(value.items())
    if isinstance(value, tuple | list):
        return list(enumerate(value))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return list(vars(value).items())
    return None


def named_tensors(value, name: str = "") -> Iterator[tuple[str, Tensor]]:
    """Name and tensor of all tensors in a nesting, in order; a lone tensor has the name ""."""
    if isinstance(value, Tensor):
        yield name, value
        return
    for key, child in children_of(value) or []:
        yield from named_tensors(child, f"{name}.{key}" if name else str(key))


def tensors_in(value) -> list[Tensor]:
    """All tensors in a nesting, in order."""
    return [tensor for _, tensor in named_tensors(value)]


def mapped(function: Callable[[Any], Any], value, kinds: type | tuple[type, ...] = Tensor):
    """The same nesting with what a function makes of each tensor; whatever else it holds stays.

    With other `kinds` than tensors, of each value of these types.
    """
    if isinstance(value, kinds):
        return function(value)
    children = children_of(value)
    if not children:
        return value
    new = {key: mapped(function, child, kinds) for key, child in children}
    if isinstance(value, tuple):
        is_named = hasattr(value, "_fields")
        return type(value)(*new.values()) if is_named else tuple(new.values())
    if isinstance(value, list):
        return list(new.values())
    if isinstance(value, Mapping):
        kind: Callable[[dict], Any] = type(value)
        return kind(new)
    other = copy.copy(value)
    for key, child in new.items():
        object.__setattr__(other, key, child)  # also of a frozen dataclass
    return other


def replaced(value, tensors: list):
    """The same nesting with other tensors in their places, in the order of tensors_in."""
    remaining = iter(tensors)
    return mapped(lambda _: next(remaining), value)


def is_number(tensor: Tensor) -> bool:
    """Whether a tensor holds real or complex numbers that have a gradient."""
    return tensor.is_floating_point() or tensor.is_complex()


# What is added to the logits of an attention where it must not look, or less.
MASKED = -1e4


def is_mask(tensor: Tensor) -> bool:
    """Whether a tensor holds zeros and ones, or zeros and very negative numbers, only."""
    if tensor.dtype is torch.bool:
        return True
    hidden = tensor.isinf()
    if tensor.is_floating_point():
        hidden |= tensor <= MASKED
    return bool(((tensor == 0) | (tensor == 1) | hidden).all())


def hides_a_part(tensor: Tensor) -> bool:
    """Whether a tensor is a mask that holds both of its values, unlike a state of zeros."""
    return is_mask(tensor) and tensor.numel() > 0 and not bool((tensor == tensor.max()).all())


def cast(value, dtype: torch.dtype):
    """The same nesting with all floating tensors in another precision."""
    return mapped(lambda t: t.to(dtype) if t.is_floating_point() else t, value)


def moved(value, device: str):
    return mapped(lambda tensor: tensor.to(device), value)


def cloned(value):
    return mapped(lambda tensor: tensor.detach().clone(), value)


def shapes_of(value) -> str:
    """The shapes of all tensors, for a message: (4, 3), or x (4, 3), mask (4, 7)."""
    named = [(name, tuple(tensor.shape)) for name, tensor in named_tensors(value)]
    return ", ".join(f"{name} {shape}".strip() for name, shape in named) or "no tensor"
