# SPDX-License-Identifier: MIT
"""Whether a function is affine: a matrix and an offset, which layers without activations are."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

# Inverses of usual output activations: none, tanh and sigmoid.
INVERSES = (lambda y: y, torch.atanh, torch.logit)


def is_affine(function: Callable[[Tensor], Tensor], inputs: Tensor) -> bool:
    """Whether f(a) + f(b) = f(a + b) + f(0), before a tanh or sigmoid at the end.

    In float64 an affine map meets the equation to about 1e-12. A ReLU that switches between the
    four points misses it by far; small inputs switch few, large ones saturate the activation at
    the end, so several sizes are tried. b is a, rolled.
    """
    fitting = set(INVERSES)
    for a in (0.1 * inputs, inputs, 3 * inputs):
        b = a.roll(1, dims=-1)
        points = (a, b, a + b, torch.zeros_like(a))
        outputs = [function(point).double() for point in points]
        fitting = {inverse for inverse in fitting if fits_affine_map(inverse, outputs)}
    return bool(fitting)


def fits_affine_map(inverse: Callable[[Tensor], Tensor], outputs: list[Tensor]) -> bool:
    """Whether the equation holds for the values before an activation, where it can be tested."""
    at_a, at_b, at_sum, at_zero = values = [inverse(output) for output in outputs]
    size = torch.stack(values).abs().amax(dim=0)
    if size.isnan().any():  # outputs that this activation cannot have
        return False
    # Beyond 5 a tanh has too few digits left to be inverted.
    usable = size < (math.inf if inverse is INVERSES[0] else 5)
    error = (at_a + at_b - at_sum - at_zero).abs()
    return bool(usable.any() and (error <= 1e-9 * (1 + size))[usable].all())
