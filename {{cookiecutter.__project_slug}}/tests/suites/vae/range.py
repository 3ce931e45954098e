# SPDX-License-Identifier: MIT
"""Properties of the range of mu and log_sigma: moderate in a new model, and wide with training."""

import math
from collections.abc import Iterable

import torch
from torch import Tensor

from .probing import VAEProbe


class RangeTests(VAEProbe):
    """Tests of the values that `encode` returns. Part of AbstractTestVAE."""

    def test_initial_posterior_is_moderate(self):
        """A new model does not encode to extreme means or standard deviations."""
        self.require_fresh_initialisation()
        mu, log_sigma = self.posterior(self.copied())
        if not mu.abs().mean() <= self.max_mu:
            self.fail(
                f"{self.net_name()} encodes to a mu around {mu.abs().mean():.3g} in a new model, "
                f"far from the prior; max_mu is {self.max_mu:g}.\nIs an offset added, or are the "
                f"inputs not scaled?"
            )
        size = log_sigma.abs().mean().item()
        if not size <= self.max_log_sigma:
            self.fail(
                f"{self.net_name()} encodes to a log_sigma around {size:.3g} in a new model, that "
                f"is sigmas of e^{size:.3g} or its inverse; max_log_sigma is "
                f"{self.max_log_sigma:g}.\nAre the initial weights of the encoder too large?"
            )

    def test_posterior_is_not_one_sided(self):
        """mu can have either sign, and sigma can be smaller than 1."""
        self.require("sample")  # of a posterior that is not Gaussian these are something else
        mu = self.reachable_mu and (-SMALLEST, SMALLEST)
        log_sigma = self.reachable_log_sigma and (-SMALLEST, -math.inf)
        (lowest, highest), (lowest_log_sigma, _) = self.extremes([2.0] * 8, mu, log_sigma)
        found = f"{self.net_name()}.encode, with eight sets of random weights, returns"
        if mu and not lowest < 0 < highest:
            self.fail(
                f"{found} mu from {lowest:.3g} to {highest:.3g} only.\n"
                f"Is there an activation behind the last layer of the encoder?"
            )
        if log_sigma and not lowest_log_sigma < 0:
            self.fail(
                f"{found} log_sigma from {lowest_log_sigma:.3g} on only, so that sigma is never "
                f"below 1.\nIs it sigma in place of its logarithm (then override encode and "
                f"sample), or behind an activation?"
            )

    def test_posterior_is_not_squeezed(self):
        """With suitable weights, mu and log_sigma reach far enough to both sides."""
        self.require("sample")
        wanted = {"mu": self.reachable_mu, "log_sigma": self.reachable_log_sigma}
        sizes = [2.0, 2.0, 4.0, 4.0, 16.0, 16.0, 64.0, 64.0, 256.0, 256.0]
        found = self.extremes(sizes, *wanted.values())
        for (name, ends), reached in zip(wanted.items(), found, strict=True):
            with self.subTest(value=name):
                if ends is None:
                    self.skipTest(f"reachable_{name} is None: {name} is not judged.")
                if not reaches(reached, ends):
                    self.fail(
                        f"{self.net_name()}.encode, with ever larger random weights, returns "
                        f"{name} from {reached[0]:.3g} to {reached[1]:.3g} only; expected "
                        f"{ends[0]:g} to {ends[1]:g} at least.\nDoes a tanh, a clamp or a "
                        f"normalisation squeeze it? If that is meant, set reachable_{name}."
                    )

    def extremes(self, sizes: Iterable[float], *wanted: tuple[float, float] | None) -> list:
        """Lowest and highest mu and log_sigma under random weights, until they reach the wanted."""
        reached = [(math.inf, -math.inf), (math.inf, -math.inf)]
        for seed, size in enumerate(sizes):
            values = self.posterior(self.perturbed(size=size, seed=seed))
            reached = [widened(*pair) for pair in zip(reached, values, strict=True)]
            pairs = zip(reached, wanted, strict=True)
            if all(ends is None or reaches(found, ends) for found, ends in pairs):
                break
        return reached


# Stands for any value beside 0.
SMALLEST = torch.finfo(torch.float64).tiny


def widened(reached: tuple[float, float], values: Tensor) -> tuple[float, float]:
    """A range with more values in it; large weights may overflow, and a softplus may underflow."""
    values = values[values.isfinite()]
    if not len(values):
        return reached
    return min(reached[0], values.min().item()), max(reached[1], values.max().item())


def reaches(reached: tuple[float, float], ends: tuple[float, float]) -> bool:
    return reached[0] <= ends[0] and ends[1] <= reached[1]
