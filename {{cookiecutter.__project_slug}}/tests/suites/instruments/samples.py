# SPDX-License-Identifier: MIT
"""The samples of a batch, along whatever axis of its tensors they lie."""

from collections.abc import Sequence

import torch
from torch import Tensor

from .nested import replaced, tensors_in

# The batch axis of a tensor; None where it has none.
Axis = int | None


def axes_for(tensors: Sequence[Tensor], declared: Axis | Sequence[Axis]) -> list[Axis]:
    """The batch axis of each tensor, as declared for all or one by one; a number has none."""
    if declared is None or isinstance(declared, int):
        axes: list[Axis] = [declared] * len(tensors)
    else:
        axes = [*declared, *[None] * (len(tensors) - len(declared))]
    return [
        None if axis is None or axis >= tensor.dim() else axis
        for tensor, axis in zip(tensors, axes, strict=False)
    ]


def sizes_along(tensors: Sequence[Tensor], axes: Sequence[Axis]) -> list[int]:
    """The number of samples in each tensor that has a batch axis."""
    pairs = zip(tensors, axes, strict=True)
    return [tensor.shape[axis] for tensor, axis in pairs if axis is not None]


def axes_fit(tensors: Sequence[Tensor], axes: Sequence[Axis], size: int) -> bool:
    """Whether all tensors that have a batch axis have that many samples along it."""
    return all(found == size for found in sizes_along(tensors, axes))


def take(tensor: Tensor, axis: Axis, indices: Tensor | list[int]) -> Tensor:
    """Some samples of a tensor, in this order; all of it where it has no batch axis."""
    if axis is None:
        return tensor
    return tensor.index_select(axis, torch.as_tensor(indices, device=tensor.device))


def taken(value, axes: Sequence[Axis], indices: Tensor | list[int]):
    """Some samples of a nesting of tensors."""
    pairs = zip(tensors_in(value), axes, strict=True)
    return replaced(value, [take(tensor, axis, indices) for tensor, axis in pairs])
