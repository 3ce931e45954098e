"""Variational autoencoders: a base class, a fully connected one and a convolutional one.

The encoder maps an input x to the parameters mu and log_sigma of the approximate posterior
q(z|x) = N(mu, sigma^2); the bottleneck draws a latent code z from it; the decoder maps the code
back to an output of the input's shape. See Kingma and Welling, "Auto-Encoding Variational Bayes"
(2014), whose appendix C gives the architecture of the fully connected network.
"""

import math
from typing import Any

import torch
from torch import Tensor, nn


class VAE(nn.Module):
    """A Gaussian variational autoencoder.

    A subclass sets `self.encoder`, (N, *input_shape) -> (N, 2 * bottleneck_dim), and
    `self.decoder`, (N, bottleneck_dim) -> (N, *input_shape), or overrides `encode` and `decode`.
    """

    encoder: nn.Module
    decoder: nn.Module

    def __init__(self, bottleneck_dim: int):
        super().__init__()
        if bottleneck_dim < 1:
            raise ValueError(f"bottleneck_dim is {bottleneck_dim}, but must be at least 1.")
        self.bottleneck_dim = bottleneck_dim

    def forward(self, inputs: Tensor) -> Tensor:
        """Reconstructs inputs (N, *input_shape) from a randomly drawn latent code."""
        mu, log_sigma = self.encode(inputs)
        latent_code = self.bottleneck(mu, log_sigma)
        return self.decode(latent_code)

    def encode(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and logarithm of the standard deviation of q(z|x), both (N, bottleneck_dim)."""
        mu, log_sigma = self.encoder(inputs).chunk(2, dim=1)
        return mu, log_sigma

    def bottleneck(self, mu: Tensor, log_sigma: Tensor) -> Tensor:
        """Draws a latent code (N, bottleneck_dim) from N(mu, exp(log_sigma)^2).

        z = mu + sigma * noise keeps the sampling differentiable in mu and log_sigma (the
        reparametrisation trick; section 2.4 of the paper).
        """
        noise = torch.randn_like(mu)
        return mu + log_sigma.exp() * noise

    def decode(self, latent_code: Tensor) -> Tensor:
        """Outputs (N, *input_shape) in [-1, 1] for latent codes (N, bottleneck_dim)."""
        return self.decoder(latent_code)


class MLPVAE(VAE):
    """Fully connected, with two hidden layers on both sides. Takes inputs of any shape."""

    def __init__(
        self,
        input_shape: tuple[int, ...],
        bottleneck_dim: int,
        hidden_dims: tuple[int, int] = (512, 256),
    ):
        super().__init__(bottleneck_dim)
        input_dim = math.prod(input_shape)
        outer, inner = hidden_dims
        self.encoder = nn.Sequential(
            nn.Flatten(),  # (N, *input_shape) -> (N, input_dim)
            nn.Linear(input_dim, outer),
            nn.ReLU(),
            nn.Linear(outer, inner),
            nn.ReLU(),
            nn.Linear(inner, 2 * bottleneck_dim),  # mu and log_sigma, side by side
        )
        self.decoder = nn.Sequential(
            nn.Linear(bottleneck_dim, inner),
            nn.ReLU(),
            nn.Linear(inner, outer),
            nn.ReLU(),
            nn.Linear(outer, input_dim),
            nn.Unflatten(1, tuple(input_shape)),
            nn.Tanh(),  # the data lie in [-1, 1]
        )


class CNNVAE(VAE):
    """Convolutional: three blocks on both sides, each halving or doubling height and width.

    input_shape: (channels, height, width), height and width multiples of 8.
    """

    def __init__(self, input_shape: tuple[int, ...], bottleneck_dim: int):
        super().__init__(bottleneck_dim)
        channels, height, width = input_shape
        if height % 8 or width % 8:
            raise ValueError(
                f"input_shape is {tuple(input_shape)}, but height and width must be multiples of 8."
            )
        code_shape = (64, height // 8, width // 8)
        self.encoder = nn.Sequential(
            *halve(channels, 16),  # (N, C, H, W) -> (N, 16, H/2, W/2)
            *halve(16, 32),  # -> (N, 32, H/4, W/4)
            *halve(32, 64),  # -> (N, 64, H/8, W/8)
            nn.Flatten(),
            nn.Linear(math.prod(code_shape), 2 * bottleneck_dim),  # mu and log_sigma
        )
        self.decoder = nn.Sequential(
            nn.Linear(bottleneck_dim, math.prod(code_shape)),
            nn.ReLU(),
            nn.Unflatten(1, code_shape),  # -> (N, 64, H/8, W/8)
            *double(64, 32),
            *double(32, 16),
            nn.ConvTranspose2d(16, channels, **GEOMETRY),  # -> (N, C, H, W)
            nn.Tanh(),  # the data lie in [-1, 1]
        )


# Halves height and width exactly; the transposed convolution doubles them exactly.
GEOMETRY: dict[str, Any] = {"kernel_size": 4, "stride": 2, "padding": 1}


def halve(in_channels: int, out_channels: int) -> list[nn.Module]:
    """(N, in_channels, H, W) -> (N, out_channels, H/2, W/2).

    The convolution has no bias because the normalisation behind it would subtract it again.
    Without the normalisation the output saturates at the background early in training.
    """
    return [
        nn.Conv2d(in_channels, out_channels, bias=False, **GEOMETRY),
        nn.BatchNorm2d(out_channels),
        nn.ReLU(),
    ]


def double(in_channels: int, out_channels: int) -> list[nn.Module]:
    """(N, in_channels, H, W) -> (N, out_channels, 2 * H, 2 * W), otherwise as `halve`."""
    return [
        nn.ConvTranspose2d(in_channels, out_channels, bias=False, **GEOMETRY),
        nn.BatchNorm2d(out_channels),
        nn.ReLU(),
    ]
