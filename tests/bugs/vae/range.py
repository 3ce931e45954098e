"""Bugs that the checks of suites/vae/range.py are meant for."""

import torch
import torch.nn.functional as F
from mnist_vae.model import MLPVAE
from torch import nn

from ...seeding import vae_bug

POSTERIOR = "test_initial_posterior_is_moderate"
SQUEEZED = "test_posterior_is_not_squeezed"
ONE_SIDED = "test_posterior_is_not_one_sided"


@vae_bug(POSTERIOR, r"encodes to a mu around .* in a new model, far from the prior")
class WideMu(MLPVAE):
    """The part of the last layer that gives mu has weights of another size than the rest."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        with torch.no_grad():
            self.encoder[-1].weight[:4] *= 150


@vae_bug(POSTERIOR, r"log_sigma around 1[0-9.]+ in a new model.*too large")
class ExtremePosterior(MLPVAE):
    def encode(self, inputs):
        mu, log_sigma = super().encode(inputs)
        return mu, log_sigma + 12


@vae_bug(
    ONE_SIDED,
    r"mu from 0 to .* only.*activation behind the last layer",
    source="reported: Humbatova et al. 2021, DeepCrime (add activation)",
)
class ActivationBehindTheEncoder(MLPVAE):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.encoder.append(nn.ReLU())


@vae_bug(ONE_SIDED, r"log_sigma from .* on only, so that sigma is never below 1.*logarithm")
class SigmaForItsLogarithm(MLPVAE):
    def encode(self, inputs):
        mu, raw = super().encode(inputs)
        return mu, F.softplus(raw)


@vae_bug(POSTERIOR, r"encodes to a mu around (29|3\d).* far from the prior.*offset")
class OffsetOnMu(MLPVAE):
    def encode(self, inputs):
        mu, log_sigma = super().encode(inputs)
        return mu + 30, log_sigma


@vae_bug(SQUEEZED, r"returns mu from -1 to 1 only; expected -2 to 2 at least.*tanh")
class MuBehindTanh(MLPVAE):
    def encode(self, inputs):
        mu, log_sigma = super().encode(inputs)
        return mu.tanh(), log_sigma


@vae_bug(SQUEEZED, r"log_sigma from -0\.1 to 0\.1 only; expected -1\.5 to -0\.1.*clamp")
class NarrowClampOfLogSigma(MLPVAE):
    def encode(self, inputs):
        mu, log_sigma = super().encode(inputs)
        return mu, log_sigma.clamp(-0.1, 0.1)


@vae_bug(SQUEEZED, r"log_sigma from -0\.5 to 0\.5 only.*clamp", log_variance=True)
class TanhOfLogVariance(MLPVAE):
    def encode(self, inputs):
        mu, log_variance = super().encode(inputs)
        return mu, log_variance.tanh()

    def bottleneck(self, mu, log_variance):
        return super().bottleneck(mu, 0.5 * log_variance)


@vae_bug(SQUEEZED, r"log_sigma from .* to -3 only; expected -1\.5 to -0\.1")
class SigmaNeverAsWideAsThePrior(MLPVAE):
    """A dimension that is not needed still costs: its sigma cannot be 1."""

    def encode(self, inputs):
        mu, log_sigma = super().encode(inputs)
        return mu, log_sigma.clamp(-8, -3)
