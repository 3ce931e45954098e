"""Latent codes of other shapes and laws of sigma."""

import torch
import torch.nn.functional as F
from mnist_vae.model import CNNVAE
from torch import nn

from ...varying import vae
from .small import CODE, SHAPE, Halves, Plain, attributes


class ClampedSigma(Plain):
    def encode(self, inputs):
        mu, log_sigma = super().encode(inputs)
        return mu, log_sigma.clamp(-4, 2)


@vae
def clamped_log_sigma():
    return attributes(ClampedSigma())


class FromDistributions(Plain):
    def bottleneck(self, mu, log_sigma):
        return torch.distributions.Normal(mu, log_sigma.exp()).rsample()


@vae
def sampling_by_distributions():
    return attributes(FromDistributions())


class SharedSigma(Plain):
    """One log_sigma for all dimensions of a sample."""

    def __init__(self):
        super().__init__()
        self.encoder[3] = nn.Linear(32, CODE + 1)

    def encode(self, inputs):
        mu, log_sigma = self.encoder(inputs).split([CODE, 1], dim=1)
        return mu, log_sigma


@vae
def log_sigma_shared_by_all_dimensions():
    return attributes(SharedSigma())


class GlobalSigma(Plain):
    """One trained log_sigma for everything."""

    def __init__(self):
        super().__init__()
        self.encoder[3] = nn.Linear(32, CODE)
        self.log_sigma = nn.Parameter(torch.zeros(CODE))

    def encode(self, inputs):
        mu = self.encoder(inputs)
        return mu, self.log_sigma.expand_as(mu)


@vae
def log_sigma_that_is_a_parameter():
    return attributes(GlobalSigma())


class BareSigma(GlobalSigma):
    """The same, without a batch axis."""

    def encode(self, inputs):
        mu, _ = super().encode(inputs)
        return mu, self.log_sigma


@vae
def log_sigma_without_a_batch_axis():
    return attributes(BareSigma())


class Softplus(Plain):
    def encode(self, inputs):
        mu, raw = super().encode(inputs)
        return mu, F.softplus(raw).log()


@vae
def sigma_by_softplus():
    return attributes(Softplus())


class MeanInEvalMode(Plain):
    def bottleneck(self, mu, log_sigma):
        return super().bottleneck(mu, log_sigma) if self.training else mu


@vae
def mean_in_eval_mode():
    return attributes(MeanInEvalMode())


class Denoising(Plain):
    def encode(self, inputs):
        noise = torch.randn_like(inputs) if self.training else 0
        return super().encode(inputs + 0.1 * noise)


@vae
def denoising():
    return attributes(Denoising())


@vae
def convolutional_latent_code():
    down = nn.Sequential(nn.Conv2d(1, 8, 4, 2, 1), nn.ReLU(), nn.Conv2d(8, 6, 4, 2, 1))
    up = [nn.ConvTranspose2d(3, 8, 4, 2, 1), nn.ReLU(), nn.ConvTranspose2d(8, 1, 4, 2, 1)]
    return attributes(Halves(down, nn.Sequential(*up, nn.Tanh())), output_range=(-1, 1))


class SigmaOfChannels(Halves):
    """A convolutional code with one trained log_sigma for every channel."""

    def __init__(self):
        down = nn.Sequential(nn.Conv2d(1, 8, 4, 2, 1), nn.ReLU(), nn.Conv2d(8, 3, 4, 2, 1))
        up = [nn.ConvTranspose2d(3, 8, 4, 2, 1), nn.ReLU(), nn.ConvTranspose2d(8, 1, 4, 2, 1)]
        super().__init__(down, nn.Sequential(*up, nn.Tanh()))
        self.log_sigma = nn.Parameter(torch.zeros(1, 3, 1, 1))

    def encode(self, inputs):
        return self.encoder(inputs), self.log_sigma


@vae
def log_sigma_of_channels():
    return attributes(SigmaOfChannels(), output_range=(-1, 1))


@vae
def bottleneck_of_1():
    return attributes(Plain(1), output_range=(-1, 1))


@vae
def bottleneck_of_2():
    return attributes(CNNVAE(SHAPE, 2))


@vae
def bottleneck_of_128():
    return attributes(Plain(128))
