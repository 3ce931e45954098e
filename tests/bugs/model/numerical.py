"""Bugs that the checks of suites/model/numerical.py are meant for."""

import torch
import torch.nn.functional as F
from mnist_vae.model import MLPVAE

from ...seeding import vae_bug

NUMERICAL = "test_gradients_equal_numerical_ones"


@vae_bug(
    NUMERICAL,
    r"backward through decode gives a derivative of .*\.data",
    source="PyTorch docs, autograd notes (.data and the version counter)",
)
class HiddenClampedThroughData(MLPVAE):
    def decode(self, latent_code):
        hidden = self.decoder[:2](latent_code)
        hidden.data.clamp_(max=1.0)
        return self.decoder[2:](hidden)


@vae_bug(
    NUMERICAL,
    r"backward through encode gives a derivative of .*\.data",
    source="PyTorch docs, autograd notes (.data and the version counter)",
)
class ClampedThroughData(MLPVAE):
    def encode(self, inputs):
        mu, log_sigma = super().encode(inputs)
        mu.data.clamp_(-0.3, 0.3)
        return mu, log_sigma


class WrongBackward(torch.autograd.Function):
    """A softplus whose derivative is forgotten."""

    @staticmethod
    def forward(ctx, inputs):
        return F.softplus(inputs)

    @staticmethod
    def backward(ctx, gradient):
        return gradient


@vae_bug(
    NUMERICAL,
    r"backward through decode gives .*written by hand",
    source="reported: Humbatova et al. 2020, taxonomy (wrong gradient calculation)",
)
class HandWrittenBackward(MLPVAE):
    def decode(self, latent_code):
        return super().decode(WrongBackward.apply(latent_code))


@vae_bug(NUMERICAL, r"backward through encode .*reversed")
class GradientReversed(MLPVAE):
    def encode(self, inputs):
        mu, log_sigma = super().encode(inputs)
        if mu.requires_grad:
            mu.register_hook(torch.neg)
        return mu, log_sigma
