# SPDX-License-Identifier: MIT
"""Properties of the encoder: it returns mu and log_sigma, two different functions of the input."""

import torch

from ..instruments.comparing import all_close
from ..instruments.copies import perturbed
from .layout import broadcasts_to
from .probing import VAEProbe


class EncodingTests(VAEProbe):
    """Tests of `encode(x)`. Part of AbstractTestVAE."""

    def test_encode_returns_mu_and_log_sigma(self):
        """encode returns mu and log_sigma, two different functions of the shape of the code."""
        self.check_premise("encode")
        # Not self.perturbed(), which skips where forward() cannot go on from what encode returns.
        mu, log_sigma = self.posterior(perturbed(self.net).eval())
        found = f"{self.net_name()}.encode returns mu {tuple(mu.shape)} and log_sigma "
        found += f"{tuple(log_sigma.shape)} for {self.batch_size()} samples"
        # One log_sigma for several dimensions is fine.
        if len(mu) != self.batch_size() or not broadcasts_to(log_sigma, mu):
            self.fail(
                f"{found}.\nAre they split along the wrong axis, or is the batch merged, as by "
                f"view(1, -1)?"
            )
        if all_close([mu], [log_sigma.expand_as(mu)]):
            self.fail(f"{found}, with the same values.\nIs the same half taken twice?")
        dimensions = mu.flatten(1).T
        if len(dimensions) > 1 and torch.allclose(dimensions, dimensions[:1].expand_as(dimensions)):
            self.fail(f"{found}, and all dimensions of mu are equal.\nIs one of them repeated?")
