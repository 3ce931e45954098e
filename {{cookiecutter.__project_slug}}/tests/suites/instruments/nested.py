"""Inputs of several tensors, in tuples, lists and dicts."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from .seeds import seeded


def mapped(value: Any, function: Callable[[Tensor], Tensor]) -> Any:
    """The same nesting, with what a function makes of every tensor in it."""
    if isinstance(value, Tensor):
        return function(value)
    if isinstance(value, dict):
        return {key: mapped(item, function) for key, item in value.items()}
    if type(value) in (tuple, list):
        return type(value)(mapped(item, function) for item in value)
    return value


def other_values(values: Tensor, seed: int = 0) -> Tensor:
    """Values that a tensor could have as well, different from its own wherever it has several.

    Numbers are drawn with its mean and spread. A token becomes the next larger one that the tensor
    has, the largest becomes the smallest. Masks stay as they are.
    """
    if values.is_floating_point():
        with seeded(seed):
            spread = values.std(correction=0).clamp_min(1e-6) if values.isfinite().all() else 1
            return torch.randn_like(values) * spread + values.mean()
    if values.dtype == torch.bool or values.is_complex():
        return values
    tokens, places = values.unique(return_inverse=True)
    return tokens[(places + 1) % len(tokens)]
