# SPDX-License-Identifier: MIT
"""Agreement of the sampler with the KL divergence that it is trained with."""

import math

from .drawing import DrawingProbe


class AgreementTests(DrawingProbe):
    """Part of AbstractTestVAE."""

    def test_sampler_and_kl_divergence_agree(self):
        """The KL divergence estimated from drawn codes equals the closed form.

        The estimate is the mean of log q(z) - log p(z), which is (z^2 - e^2) / 2 - log_sigma per
        dimension with e = (z - mu) / sigma. Its variance under the law is
        (sigma^2 - 1)^2 / 2 + (mu sigma)^2 per dimension.
        """
        draws = self.draws()
        mu, log_sigma, codes = draws
        sigma = log_sigma.exp()
        estimate = (codes.square() - draws.noise.square()) / 2 - log_sigma
        found = estimate.sum(dim=1).mean().item()
        variance = ((sigma.square() - 1).square() / 2 + (mu * sigma).square()).sum().item()
        # A mean of 4000 draws of a chi-squared mixture is normal up to a skewness below 0.05,
        # which raises the probability beyond 6 standard deviations from 2e-9 to less than 1e-8.
        bound = 6 * math.sqrt(variance / len(codes))
        spread = 2 * log_sigma if self.log_variance else log_sigma
        closed_form = float(self.kl_divergence(spread.unsqueeze(0), mu.unsqueeze(0)))
        if not abs(found - closed_form) <= bound:
            self.require_declared_scale()
            self.fail(
                f"{self.net_name()}: drawn codes have a KL divergence of {found:.4g} +- "
                f"{bound / 6:.2g}, the closed form gives {closed_form:.4g}.\nDo the sampler and "
                f"the loss agree on {self.spread_name()}: logarithm of the standard deviation, or "
                f"variance?"
            )
