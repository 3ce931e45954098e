# SPDX-License-Identifier: MIT
"""Shapes and types as they are declared, for one tensor or for several."""

import torch
from torch import Tensor


def for_each(declared, count: int) -> list:
    """What is declared for each of several tensors: one thing for all, or a list or dict of them.

    A shape is a tuple of numbers and None. Raises ValueError where the numbers do not agree.
    """
    if isinstance(declared, dict):
        declared = list(declared.values())
    if isinstance(declared, list) or (isinstance(declared, tuple) and holds_more(declared)):
        if len(declared) != count:
            raise ValueError(f"{count} tensors, but {len(declared)} are declared")
        return list(declared)
    return [declared] * count


def holds_more(declared: tuple) -> bool:
    """Whether a tuple holds shapes or types in place of the lengths of axes."""
    return any(isinstance(part, tuple | list | torch.dtype | torch.Size) for part in declared)


def fits(shape: torch.Size, declared) -> bool:
    """Whether a shape is the declared one, in which None stands for any length."""
    return len(shape) == len(declared) and all(
        wanted in (None, length) for length, wanted in zip(shape, declared, strict=True)
    )


def is_free(declared) -> bool:
    """Whether an axis of a declared shape, or of one of several, may have any length."""
    if isinstance(declared, dict):
        declared = list(declared.values())
    return any(
        part is None or (isinstance(part, tuple | list) and is_free(part)) for part in declared
    )


def is_finite(values: Tensor) -> bool:
    return not values.dtype.is_floating_point or bool(values.isfinite().all())
