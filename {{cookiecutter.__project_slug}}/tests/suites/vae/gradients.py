# SPDX-License-Identifier: MIT
"""Properties of the gradients that pass through the sampling."""

import torch

from ..instruments.calls import eager
from ..instruments.seeds import seeded
from .drawing import DrawingProbe
from .layout import axis_of_samples


class GradientTests(DrawingProbe):
    """Tests of the reparametrisation. Part of AbstractTestVAE."""

    def test_gradients_pass_through_the_sampling(self):
        """The latent code has the gradients 1 to mu and z - mu to log_sigma."""
        net = self.copied(training=True)
        mu, log_sigma = (t.requires_grad_() for t in self.some_posterior(net, count=4))
        with seeded(0), eager():
            codes = self.drawn(net, mu, log_sigma)
            upstream = torch.randn_like(codes)
        if not codes.requires_grad:
            self.fail(
                f"{self.sampler_name()} returns a latent code without a gradient.\nIs it "
                f"detached, or drawn by torch.normal() or .sample() in place of .rsample()?"
            )
        codes.backward(upstream)
        # Where one mu or log_sigma stands for several numbers, their gradients add up.
        noise = codes.detach() - beside(mu.detach(), codes)
        axis = axis_of_samples(codes, mu)
        to_mu, to_sigma = (
            gradient if axis in (-1, None) else gradient.sum(dim=axis)
            for gradient in (upstream, upstream * noise)
        )
        expected = {"mu": to_mu, "log_sigma": to_sigma.sum_to_size(log_sigma.shape)}
        for name, tensor in (("mu", mu), ("log_sigma", log_sigma)):
            gradient = torch.zeros_like(tensor) if tensor.grad is None else tensor.grad
            if not torch.allclose(gradient, expected[name], rtol=1e-3, atol=1e-4):
                self.require_declared_scale()
                self.fail(
                    f"{self.sampler_name()}: the gradient to {name} is not "
                    f"{'1' if name == 'mu' else 'z - mu'} (it is off by up to "
                    f"{(gradient - expected[name]).abs().max():.2g}).\nIs it detached, rounded "
                    f"or scaled? z = mu + {self.sigma_formula()} * noise."
                )


def beside(mu: torch.Tensor, codes: torch.Tensor) -> torch.Tensor:
    """mu with an axis for several codes a sample, where there is one."""
    axis = axis_of_samples(codes, mu)
    return mu if axis in (-1, None) else mu.unsqueeze(axis)
