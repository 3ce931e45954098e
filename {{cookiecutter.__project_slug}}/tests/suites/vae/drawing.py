# SPDX-License-Identifier: MIT
"""Many latent codes for one mu and log_sigma, and what their statistics show."""

from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor, nn

from ..instruments.calls import computed
from .layout import axis_of_samples, sampler_of
from .probing import VAEProbe

# Codes drawn for the same mu and log_sigma; fewer where that are millions of numbers.
DRAWS = 4000
NUMBERS = 2_000_000
# False alarms of each test over all seeds. Divided by the number of comparisons it makes
# (Bonferroni), which bounds the probability that any of them fails.
FALSE_ALARMS = 1e-6


class Draws(NamedTuple):
    """mu (D,), log_sigma (D,) and codes (n, D) drawn for them, all flattened."""

    mu: Tensor
    log_sigma: Tensor
    codes: Tensor

    @property
    def noise(self) -> Tensor:
        return (self.codes - self.mu) / self.log_sigma.exp()


class DrawingProbe(VAEProbe):
    """What the tests of the random part share.

    The statistical ones fix their seed, so that they give the same verdict on every run. Their
    bounds follow from the law: over all seeds, a correct sampler would fail one of them with a
    probability below 1e-6.
    """

    def draws(self, seed: int = 0, training: bool = True, net: nn.Module | None = None) -> Draws:
        """Many codes; most tests draw in training mode, as some models return mu in eval mode."""
        net = net or self.copied(training)
        width = self.some_posterior(net, 1)[0].numel()
        mu, log_sigma = self.some_posterior(net, min(DRAWS, max(500, NUMBERS // width)))
        (codes,) = computed(partial(self.drawn, net, mu), log_sigma, seed)
        axis = axis_of_samples(codes, mu)
        if axis is None:
            self.fail(
                f"{self.sampler_name()} returns shape {tuple(codes.shape)} for mu "
                f"{tuple(mu.shape)}.\nIs the noise drawn in another shape?"
            )
        if axis >= 0:  # several codes a sample
            codes = codes.movedim(axis, 1).flatten(0, 1)
        log_sigma = log_sigma.expand_as(mu)
        return Draws(mu[0].flatten(), log_sigma[0].flatten(), codes.flatten(1))

    def sampler_name(self) -> str:
        return f"{self.net_name()}.{sampler_of(self.net)}"

    def spread_name(self) -> str:
        """What the net calls the second thing that encode returns."""
        return "log_variance" if self.log_variance else "log_sigma"

    def sigma_formula(self) -> str:
        return "exp(0.5 * log_variance)" if self.log_variance else "exp(log_sigma)"

    def require_declared_scale(self):
        """Skips where codes have the deviation of the other convention; one test says so."""
        draws = self.draws()
        other = 2 * draws.log_sigma if self.log_variance else draws.log_sigma / 2
        if has_deviation(draws.codes, other.exp()) and not has_deviation(
            draws.codes, draws.log_sigma.exp()
        ):
            self.skipTest(
                f"{self.sampler_name()} takes {self.spread_name()} for something else: see "
                f"test_latent_code_has_standard_deviation_sigma."
            )


def has_deviation(codes: Tensor, sigma: Tensor) -> bool:
    """Whether codes (n, D) have the standard deviations sigma (D,).

    (n - 1) s^2 / sigma^2 follows a chi-squared law with n - 1 degrees of freedom, whose tails are
    incomplete gamma functions of the halves of both.
    """
    tail = FALSE_ALARMS / (2 * sigma.numel())
    half = torch.tensor((len(codes) - 1) / 2, dtype=torch.float64)
    halves = half * codes.double().var(dim=0) / sigma.double().square()
    below, above = torch.special.gammainc(half, halves), torch.special.gammaincc(half, halves)
    return bool((below >= tail).all() and (above >= tail).all())
