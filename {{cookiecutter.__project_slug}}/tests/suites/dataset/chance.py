# SPDX-License-Identifier: MIT
"""How likely it is that chance alone explains what was counted."""

import math

import torch
from torch import Tensor

from ..instruments.laws import binomial


def of_missing(here: Tensor, there: Tensor) -> float:
    """A bound on the probability that classes are in one of two splits only, as they are.

    here, there: number of samples of each class in two splits. Were each sample put into one of
    them by chance, in proportion to their sizes, a class of n samples would be all in the second
    with the probability a = q^n, and all in the first with b = (1 - q)^n. Which classes are missing
    was not chosen beforehand, so that all of them count: the sum T of -log a or -log b over those
    that are in one split only has P(T >= t) <= exp(-s t) prod(1 - a - b + a^(1-s) + b^(1-s)) for
    any s (Chernoff). That the sizes are given makes it larger by at most 1 / P(sizes).
    """
    counts = (here + there).double()
    part = (there.sum() / counts.sum()).item()
    if not 0 < part < 1:
        return 1.0
    in_there, in_here = counts * math.log(part), counts * math.log1p(-part)
    t = -in_there[(here == 0) & (there > 0)].sum() - in_here[(there == 0) & (here > 0)].sum()
    s = torch.linspace(0, 1, 101, dtype=torch.float64)[:, None]
    neither = (1 - in_there.exp() - in_here.exp()).clamp(min=0)
    grown = neither + ((1 - s) * in_there).exp() + ((1 - s) * in_here).exp()
    logarithm = (grown[:, counts > 0].log().sum(dim=1) - s.flatten() * t).min().item()
    sizes = math.log(2 * math.pi * counts.sum().item() * part * (1 - part)) / 2
    return math.exp(min(0.0, logarithm + sizes))


def at_least(hits: int, count: int, probability: float) -> float:
    """The probability of so many hits or more in a number of trials."""
    return binomial(count, probability)[max(0, hits) :].sum().item()


def at_most(hits: int, count: int, probability: float) -> float:
    """The probability of so few hits or less."""
    return binomial(count, probability)[: hits + 1].sum().item()
