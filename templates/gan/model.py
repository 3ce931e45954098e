"""Generative adversarial networks: a base class, a fully connected one and a convolutional one.

The generator maps a latent code, drawn from N(0, 1), to an image; the discriminator maps an image
to a logit, above 0 where it takes the image for a real one. See Goodfellow et al., "Generative
Adversarial Nets" (2014), and, of the convolutional networks, Radford, Metz and Chintala,
"Unsupervised Representation Learning with Deep Convolutional Generative Adversarial Networks"
(DCGAN, 2016).
"""

import math
from typing import Any

import torch
from torch import Tensor, nn

SLOPE = 0.2  # of LeakyReLU below 0: where a ReLU is 0, the generator would get no gradient


class GAN(nn.Module):
    """A generator and a discriminator in one module, so that one checkpoint holds both.

    A subclass sets `self.generator`, (N, latent_dim) -> (N, *image_shape), in [-1, 1] as the data,
    and `self.discriminator`, (N, *image_shape) -> (N,), logits.
    """

    generator: nn.Module
    discriminator: nn.Module

    def __init__(self, latent_dim: int):
        super().__init__()
        if latent_dim < 1:
            raise ValueError(f"latent_dim is {latent_dim}, but must be at least 1.")
        self.latent_dim = latent_dim

    def forward(self, latent_codes: Tensor) -> Tensor:
        """Generates images (N, *image_shape) from latent codes (N, latent_dim)."""
        return self.generator(latent_codes)

    def draw_codes(self, n: int) -> Tensor:
        """n latent codes (n, latent_dim), drawn anew from N(0, 1)."""
        return torch.randn(n, self.latent_dim, device=next(self.parameters()).device)


class MLPGAN(GAN):
    """Fully connected, with two hidden layers on both sides. Makes images of any shape."""

    def __init__(
        self,
        image_shape: tuple[int, ...],
        latent_dim: int,
        hidden_dims: tuple[int, int] = (256, 512),
    ):
        super().__init__(latent_dim)
        image_dim = math.prod(image_shape)
        inner, outer = hidden_dims
        self.generator = nn.Sequential(
            nn.Linear(latent_dim, inner),
            nn.LeakyReLU(SLOPE),
            nn.Linear(inner, outer),
            nn.LeakyReLU(SLOPE),
            nn.Linear(outer, image_dim),
            nn.Unflatten(1, tuple(image_shape)),
            nn.Tanh(),  # the data lie in [-1, 1]
        )
        self.discriminator = nn.Sequential(
            nn.Flatten(),  # (N, *image_shape) -> (N, image_dim)
            nn.Linear(image_dim, outer),
            nn.LeakyReLU(SLOPE),
            nn.Linear(outer, inner),
            nn.LeakyReLU(SLOPE),
            nn.Linear(inner, 1),
            nn.Flatten(0),  # (N, 1) -> (N,)
        )


class CNNGAN(GAN):
    """Convolutional: three blocks on both sides, each doubling or halving height and width.

    image_shape: (channels, height, width), height and width multiples of 8.
    """

    def __init__(self, image_shape: tuple[int, ...], latent_dim: int):
        super().__init__(latent_dim)
        channels, height, width = image_shape
        if height % 8 or width % 8:
            raise ValueError(
                f"image_shape is {tuple(image_shape)}, but height and width must be multiples of 8."
            )
        code_shape = (64, height // 8, width // 8)
        self.generator = nn.Sequential(
            nn.Linear(latent_dim, math.prod(code_shape), bias=False),
            nn.Unflatten(1, code_shape),  # -> (N, 64, H/8, W/8)
            nn.BatchNorm2d(64),
            nn.ReLU(),
            *double(64, 32),
            *double(32, 16),
            nn.ConvTranspose2d(16, channels, **GEOMETRY),  # -> (N, C, H, W)
            nn.Tanh(),  # the data lie in [-1, 1]
        )
        self.discriminator = nn.Sequential(
            nn.Conv2d(channels, 16, **GEOMETRY),  # (N, C, H, W) -> (N, 16, H/2, W/2)
            nn.LeakyReLU(SLOPE),
            *halve(16, 32),  # -> (N, 32, H/4, W/4)
            *halve(32, 64),  # -> (N, 64, H/8, W/8)
            nn.Flatten(),
            nn.Linear(math.prod(code_shape), 1),
            nn.Flatten(0),  # (N, 1) -> (N,)
        )
        self.apply(initialise)


# Halves height and width exactly; the transposed convolution doubles them exactly.
GEOMETRY: dict[str, Any] = {"kernel_size": 4, "stride": 2, "padding": 1}


def halve(in_channels: int, out_channels: int) -> list[nn.Module]:
    """(N, in_channels, H, W) -> (N, out_channels, H/2, W/2).

    The convolution has no bias because the normalisation behind it would subtract it again.
    """
    return [
        nn.Conv2d(in_channels, out_channels, bias=False, **GEOMETRY),
        nn.BatchNorm2d(out_channels),
        nn.LeakyReLU(SLOPE),
    ]


def double(in_channels: int, out_channels: int) -> list[nn.Module]:
    """(N, in_channels, H, W) -> (N, out_channels, 2 * H, 2 * W), otherwise as `halve`."""
    return [
        nn.ConvTranspose2d(in_channels, out_channels, bias=False, **GEOMETRY),
        nn.BatchNorm2d(out_channels),
        nn.ReLU(),
    ]


def initialise(module: nn.Module) -> None:
    """Small weights, as in DCGAN: neither network begins with a lead over the other."""
    if isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(module.weight, std=0.02)
