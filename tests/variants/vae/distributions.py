"""Encoders and decoders that return distributions: objects in place of tensors."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.distributions import Independent, Normal

from ...varying import vae
from .published import published
from .small import Plain, attributes


class DiagonalGaussian:
    """What the encoder of a latent diffusion model returns: an object."""

    def __init__(self, moments):
        self.mean, self.logvar = moments.chunk(2, dim=1)
        self.logvar = self.logvar.clamp(-30.0, 20.0)

    def sample(self):
        return self.mean + (0.5 * self.logvar).exp() * torch.randn_like(self.mean)


class AutoencoderKL(nn.Module):
    """A spatial code of two channels; forward() decodes the mode unless it is told to sample."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 8, 3, 2, 1), nn.SiLU(), nn.Conv2d(8, 4, 3, 2, 1), nn.SiLU()
        )
        self.quant_conv = nn.Conv2d(4, 4, 1)
        self.decoder = nn.Sequential(
            nn.ConvTranspose2d(2, 8, 4, 2, 1), nn.SiLU(), nn.ConvTranspose2d(8, 1, 4, 2, 1)
        )

    def encode(self, x):
        return DiagonalGaussian(self.quant_conv(self.encoder(x)))

    def decode(self, z):
        return self.decoder(z)

    def forward(self, x, sample_posterior=False):
        posterior = self.encode(x)
        return self.decode(posterior.sample() if sample_posterior else posterior.mean)


@vae
def distribution_object_with_a_spatial_code():
    def encode(net, x):
        posterior = net.encode(x)
        return posterior.mean, posterior.logvar

    def sample(net, mu, log_variance):
        return DiagonalGaussian(torch.cat([mu, log_variance], dim=1)).sample()

    hooks = {"encode": encode, "sample": sample}
    call = lambda net, x: net(x, sample_posterior=True)  # noqa: E731
    return published(AutoencoderKL(), call=call, **hooks)


class TorchDistribution(Plain):
    """encode returns a distribution of torch's, and decode one of pixels."""

    def encode(self, inputs):
        mu, raw = super().encode(inputs)
        return Independent(Normal(mu, F.softplus(raw) + 1e-3), 1)

    def decode(self, latent_code):
        return Normal(super().decode(latent_code), 1.0)

    def forward(self, inputs):
        return self.decode(self.encode(inputs).rsample()).mean


@vae
def distributions_of_torch():
    def encode(net, x):
        posterior = net.encode(x)
        return posterior.mean, posterior.stddev.log()

    def sample(net, mu, log_sigma):
        return Normal(mu, log_sigma.exp()).rsample()

    decode = lambda net, z: net.decode(z).mean  # noqa: E731
    return attributes(TorchDistribution(), encode=encode, sample=sample, decode=decode)
