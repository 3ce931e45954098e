"""How likely it is that chance alone explains what was counted."""

import torch
from scipy import special
from torch import Tensor


def of_missing(here: Tensor, there: Tensor) -> float:
    """A bound on the probability that so many samples are of classes which one split lacks.

    here, there: number of samples of each class in two splits. Were all samples dealt out at
    random, all n samples of a class would be in the other split with the probability
    C(others, n) / C(everything, n). Which classes are missing is not chosen beforehand, so it is
    the sum over them that is judged, by Chernoff's bound: that one class is missing makes it less
    likely that others are.
    """
    total = here + there
    counts = total[total > 0].double()
    others, everything = int(there.sum()), int(total.sum())
    missing = there[here == 0].sum().double()
    # The logarithm of C(others, n) / C(everything, n).
    likely = ways(others, counts) - ways(everything, counts)
    # P(sum >= m) <= exp(-s m) E[exp(s sum)], for the best of many s.
    scales = torch.logspace(-4, 2, 300, dtype=torch.float64)[:, None] / counts.min()
    grown = torch.logaddexp(torch.log1p(-likely.exp().clamp(max=1)), likely + scales * counts)
    bounds = grown.sum(dim=1) - scales.flatten() * missing
    return float(bounds.min().clamp(max=0).exp())


def ways(total: int, taken: Tensor) -> Tensor:
    """The logarithm of the number of ways to take some of a total, -inf where there are none."""
    rest = total - taken
    logarithm = torch.lgamma(torch.tensor(total + 1.0, dtype=torch.float64))
    logarithm = logarithm - torch.lgamma(taken + 1) - torch.lgamma(rest.clamp(min=0) + 1)
    return torch.where(rest >= 0, logarithm, -torch.inf)


def at_least(hits: int, count: int, probability: float) -> float:
    """The probability of so many hits or more in a number of trials."""
    return float(special.bdtrc(hits - 1, count, probability)) if hits > 0 else 1.0


def at_most(hits: int, count: int, probability: float) -> float:
    """The probability of so few hits or less."""
    return float(special.bdtr(hits, count, probability))
