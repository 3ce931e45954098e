# SPDX-License-Identifier: MIT
"""Other values in the place of a tensor's own, and how far two tensors differ."""

import math

import torch
from torch import Tensor

from .nested import is_number
from .seeds import seeded


def other_values(values: Tensor, seed: int = 0) -> Tensor:
    """Values that a tensor could have as well, different from its own wherever it has several.

    Numbers are drawn with its mean and spread. A token becomes the next larger one that the tensor
    has, the largest becomes the smallest. Masks stay as they are.
    """
    if is_number(values):
        usable = bool(values.isfinite().all()) and values.numel() > 0
        with seeded(seed):
            noise = torch.randn_like(values)
        return noise * values.std(correction=0) + values.mean() if usable else noise
    if values.dtype is torch.bool:
        return values
    tokens, places = values.unique(return_inverse=True)
    return tokens[(places + 1) % max(len(tokens), 1)]


def relative_difference(found: Tensor, expected: Tensor) -> float:
    """Largest difference, relative to the largest value expected; infinite for other shapes."""
    if found.shape != expected.shape:
        return math.inf
    if not expected.numel() or torch.equal(found, expected):
        return 0.0
    size = expected.abs().max().clamp_min(torch.finfo(expected.dtype).tiny)
    difference = ((found - expected).abs().max() / size).item()
    return math.inf if math.isnan(difference) else difference


def largest_difference(found: dict[str, Tensor], expected: dict[str, Tensor]) -> tuple[str, float]:
    """Name and relative difference of the gradient that differs most; infinite where one lacks.

    One that is zero but for rounding, as that of a bias in front of batch normalisation, is no
    smaller than what rounding leaves of the others: 64 units in the last place of the largest.
    """
    largest = max((g.abs().max().item() for g in expected.values() if g.numel()), default=0.0)
    worst, difference = "", 0.0
    for name, gradient in expected.items():
        if name not in found:
            return name, math.inf
        size = gradient.abs().max().item() if gradient.numel() else 0.0
        noise = 64 * torch.finfo(gradient.dtype).eps * largest
        off = relative_difference(found[name], gradient)
        if off * size > noise and not off <= difference:
            worst, difference = name, off
    return worst, difference


def rounding_of(tensor: Tensor) -> float:
    """What rounding may add up to, as a relative difference: 1.5e-8 in float64, 3.5e-4 in float32.

    The root of the precision: a thousand operations, each off by some ten units in the last place.
    """
    return torch.finfo(tensor.dtype).eps ** 0.5
