"""Decoders with a likelihood of their own: a learned variance, or a category for each pixel."""

import torch
from torch import nn

from ...varying import vae
from .published import Published, published
from .small import Plain, attributes


class LearnedVariance(Published):
    """The decoder's variance is one parameter, which the likelihood uses."""

    def __init__(self):
        super().__init__()
        self.log_noise = nn.Parameter(torch.zeros(()))


@vae
def learned_variance_of_the_decoder():
    return published(LearnedVariance(), unused_modules=("log_noise",))


class VarianceOfEveryPixel(Published):
    """The decoder returns the mean and the log-variance of every pixel."""

    def __init__(self):
        super().__init__()
        self.decoder[2] = nn.ConvTranspose2d(8, 2, 4, 2, 1)

    def decode(self, z):
        mean, logvar = super().decode(z).chunk(2, dim=1)
        return mean, logvar

    def forward(self, x):
        mu, logvar = self.encode(x)
        return *self.decode(self.reparameterize(mu, logvar)), mu, logvar


@vae
def decoder_with_mean_and_variance():
    return published(VarianceOfEveryPixel())


class FourLevels(Published):
    """A categorical decoder: logits of four grey levels for each pixel."""

    def __init__(self):
        super().__init__()
        self.decoder[2] = nn.ConvTranspose2d(8, 4, 4, 2, 1)


@vae
def categorical_decoder():
    return published(FourLevels(), output_shape=(4, 4, 8, 8))


class FlatDecoder(Plain):
    """decode() returns vectors, which forward() folds into images."""

    def decode(self, latent_code):
        return super().decode(latent_code).flatten(1)

    def forward(self, inputs):
        mu, log_sigma = self.encode(inputs)
        return self.decode(self.bottleneck(mu, log_sigma)).view_as(inputs), mu, log_sigma


@vae
def images_folded_in_forward():
    return attributes(FlatDecoder())
