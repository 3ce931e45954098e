# SPDX-License-Identifier: MIT
"""Tails of statistical laws that torch does not have; scipy.special takes long to import."""

import math

import torch
from torch import Tensor


def binomial(count: int, probability: float) -> Tensor:
    """The probabilities of 0 to `count` hits in so many trials: (count + 1,), float64."""
    hits = torch.arange(count + 1, dtype=torch.float64)
    ways = torch.lgamma(hits[-1] + 1) - torch.lgamma(hits + 1) - torch.lgamma(count - hits + 1)
    p = torch.tensor(probability, dtype=torch.float64)
    return (ways + torch.xlogy(hits, p) + torch.xlogy(count - hits, 1 - p)).exp()


def kolmogorov(x: float) -> float:
    """P(sqrt(n) D > x) for many n, where D is the distance of Kolmogorov and Smirnov."""
    if x < 0.2:  # where it is 1 to twelve digits, and the series is a long one
        return 1.0
    return 2 * sum((-1) ** (k - 1) * math.exp(-2 * (k * x) ** 2) for k in range(1, 20))


def student_quantile(normal: float, freedom: int) -> float:
    """What a Student t is above as often as a normal number is above `normal`.

    The expansion for many degrees of freedom (Abramowitz and Stegun, 26.7.5): from 498 on, and for
    normal numbers up to 7, its first six digits are right.
    """
    z, square = normal, normal**2
    terms = (
        z,
        z * (square + 1) / 4,
        z * (5 * square**2 + 16 * square + 3) / 96,
        z * (3 * square**3 + 19 * square**2 + 17 * square - 15) / 384,
    )
    return sum(term / freedom**power for power, term in enumerate(terms))
