# SPDX-License-Identifier: MIT
"""How values are compared."""

import math
import weakref
from collections.abc import Callable

import torch
from torch import Tensor


def same(first: Tensor, second: Tensor) -> bool:
    """Whether two tensors are equal, value by value; a graph may be a sparse one."""
    return first.shape == second.shape and torch.equal(dense(first), dense(second))


def dense(tensor: Tensor) -> Tensor:
    return tensor if tensor.layout is torch.strided else tensor.to_dense()


def all_close(first: list[Tensor], second: list[Tensor]) -> bool:
    """Whether two lists hold the same tensors, up to the rounding of different kernels.

    Matrix products of other batch sizes, and the fused kernels of eval mode, add up in another
    order: a few units in the last place of float32. NaN is not close to NaN.
    """
    return len(first) == len(second) and all(
        a.shape == b.shape and torch.allclose(a, b, rtol=1e-4, atol=1e-5)
        for a, b in zip(first, second, strict=True)
    )


def explained(text: str) -> Callable[[str], str]:
    """A message for assert_close: a text, and torch's numbers below it."""
    return lambda numbers: f"{text}\n{numbers}"


def count_alive(references: list[weakref.ref]) -> int:
    return sum(reference() is not None for reference in references)


def rms(values: Tensor) -> float:
    """Root of the mean square."""
    values = values.detach().abs() if values.is_complex() else values.detach()
    size = torch.linalg.vector_norm(values, dtype=torch.float64).item()
    return size / values.numel() ** 0.5 if values.numel() else math.nan
