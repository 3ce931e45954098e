# SPDX-License-Identifier: MIT
"""Properties of the KL divergence."""

import copy
from typing import Any

import torch
from torch import Tensor
from torch.distributions import Normal

from ...instruments.comparing import explained
from .losses import BATCH, LossTests
from .probe import image_in

MU = ((0.0, 1.5), (-0.5, 0.25), (2.0, -1.0))
LOG_SIGMA = ((0.0, 0.5), (-1.0, 0.3), (-0.2, 0.8))
# For what is left of the direction of a gradient in bfloat16.
KL_TOLERANCE = 1e-3


class KLTests(LossTests):
    """Tests of kl_divergence(log_sigma, mu). Part of AbstractTestVAETrainer."""

    def test_kl_divergence_equals_quadrature(self):
        """The KL divergence equals a numerical integral, summed over batch and dimensions."""
        mu = torch.tensor(MU, dtype=torch.float64)
        log_sigma = torch.tensor(LOG_SIGMA, dtype=torch.float64)
        expected = sum(map(kl_by_quadrature, log_sigma.flatten(), mu.flatten()))
        found = self.kl_divergence(log_sigma, mu)
        if found.shape != ():
            self.fail(
                f"kl_divergence returns a tensor of shape {tuple(found.shape)} for a batch; "
                f"expected a number, summed over the batch and the latent dimensions."
            )
        if not abs(found.item() - expected) < 1e-6 * expected:
            self.fail(
                f"kl_divergence(log_sigma, mu) is {found.item():.6g} where numerical integration "
                f"gives {expected:.6g}.\n{likely_kl_bug(found.item(), log_sigma, mu)}"
            )

    def test_kl_divergence_has_the_right_gradient(self):
        """The gradient of the KL divergence is mu, and sigma^2 - 1 with respect to log sigma."""
        mu = torch.tensor(MU, dtype=torch.float64, requires_grad=True)
        log_sigma = torch.tensor(LOG_SIGMA, dtype=torch.float64, requires_grad=True)
        found = torch.autograd.grad(
            self.kl_divergence(log_sigma, mu), (mu, log_sigma), allow_unused=True
        )
        expected = mu.detach(), (2 * log_sigma.detach()).exp() - 1
        for name, gradient, right in zip(("mu", "log_sigma"), found, expected, strict=True):
            with self.subTest(argument=name):
                if gradient is None:
                    self.fail(f"kl_divergence has no gradient for {name}.\nIs it detached?")
                torch.testing.assert_close(
                    gradient,
                    right,
                    msg=explained(
                        f"The gradient of kl_divergence for {name} is wrong.\n"
                        f"Is a part of the formula detached or clamped?"
                    ),
                )

    def test_encoder_gets_the_gradient_of_the_kl_divergence(self):
        """Where the decoder ignores the code, the encoder has the KL divergence's gradient."""
        if self.kl_weight is None:
            self.skipTest("The weight of the KL divergence is declared to change.")
        self.require_complete()
        split = self.probe_split(BATCH)
        trainer = self.loss_trainer(split)
        with torch.no_grad():
            self.probe_of(trainer).outputs.weight.zero_()
        model: Any = copy.deepcopy(self.probe_of(trainer))
        mu, log_sigma = model.encode(torch.stack([image_in(split[i]) for i in range(BATCH)]))
        self.kl_divergence(log_sigma, mu).backward()
        trained = {id(p): name for name, p in self.model_of(trainer).named_parameters()}
        (step, *_) = self.observe(trainer)
        gradients = step.found.split([parameter.numel() for parameter in step.parameters])
        names = [trained.get(id(parameter)) for parameter in step.parameters]
        found = dict(zip(names, gradients, strict=True))
        both = {"mu": slice(0, 2), "log_sigma": slice(2, 4), "their sum": slice(0, 4)}
        for name, rows in both.items():  # of the layer that computes them
            gradient = found["code.weight"].view(4, -1)[rows].flatten()
            expected = model.code.weight.grad[rows].flatten()
            if not torch.cosine_similarity(gradient, expected, dim=0) > 1 - KL_TOLERANCE:
                self.fail(
                    f"The gradient of {name} is not that of the KL divergence, in a model whose "
                    f"outputs do not depend on its code.\nIs one detached, clamped or weighted on "
                    f"its way to kl_divergence, or is there another term in the loss?"
                )


def kl_by_quadrature(log_sigma: Tensor, mu: Tensor) -> float:
    """KL(N(mu, sigma^2) || N(0, 1)) as the integral of its definition.

    Twelve standard deviations to both sides hold all but 1e-32 of the mass, and the trapezoidal
    rule is exact to rounding for a smooth integrand that vanishes at both ends.
    """
    posterior, prior = Normal(mu, log_sigma.exp()), Normal(0.0, 1.0)
    z = mu + 12 * log_sigma.exp() * torch.linspace(-1, 1, 2001, dtype=mu.dtype)
    log_density = posterior.log_prob(z)
    integrand = log_density.exp() * (log_density - prior.log_prob(z))
    return torch.trapezoid(integrand, z).item()


def likely_kl_bug(found: float, log_sigma: Tensor, mu: Tensor) -> str:
    """The usual slip that gives the value found, as a question."""
    right = 0.5 * (mu**2 + (2 * log_sigma).exp() - 1) - log_sigma
    as_log_variance = 0.5 * (mu**2 + log_sigma.exp() - 1 - log_sigma)
    slips = {
        "Is its sign wrong?": -right.sum(),
        "Is it averaged over batch and dimensions, where it should be summed?": right.mean(),
        "Is it averaged over the batch, where it should be summed?": right.sum() / len(mu),
        "Is it averaged over the dimensions, where it should be summed?": right.mean(1).sum(),
        "Is log_sigma taken for the logarithm of the variance?": as_log_variance.sum(),
        "Is the factor 1/2 missing?": 2 * right.sum(),
        "Is the term mu^2 missing?": (right - mu**2 / 2).sum(),
        "Is mu not squared?": (right - mu**2 / 2 + mu / 2).sum(),
        "Is the constant -1 missing?": (right + 0.5).sum(),
    }
    for question, value in slips.items():
        if abs(found - value.item()) < 1e-6 * abs(value.item()):
            return question
    return "Per dimension it is (mu^2 + sigma^2 - 1) / 2 - log_sigma. Are the arguments swapped?"
