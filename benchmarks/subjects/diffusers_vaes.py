"""VAEs of diffusers: encode returns a distribution with mean and log-variance."""

import diffusers
import torch
from diffusers.models.autoencoders.vae import DiagonalGaussianDistribution
from torch import Tensor, nn

from .subject import images, normal, vae

PACKAGE = "diffusers"


def encoded(self, net: nn.Module, x: Tensor) -> tuple[Tensor, Tensor]:
    posterior = net.encode(x).latent_dist
    return posterior.mean, posterior.logvar


def drawn(self, net: nn.Module, mu: Tensor, log_variance: Tensor) -> Tensor:
    return DiagonalGaussianDistribution(torch.cat([mu, log_variance], dim=1)).sample()


HOOKS = {
    "log_variance": True,
    "call": lambda self, net, x: net(x, sample_posterior=True).sample,
    "encode": encoded,
    "sample": drawn,
    "decode": lambda self, net, z: net.decode(z).sample,
}
STAGES = {
    "down_block_types": ("DownEncoderBlock2D", "DownEncoderBlock2D"),
    "up_block_types": ("UpDecoderBlock2D", "UpDecoderBlock2D"),
    "norm_num_groups": 4,
    "latent_channels": 2,
}


def kl() -> nn.Module:
    return diffusers.AutoencoderKL(block_out_channels=(8, 16), sample_size=16, **STAGES)


def asymmetric() -> nn.Module:
    return diffusers.AsymmetricAutoencoderKL(
        down_block_out_channels=(8, 16), up_block_out_channels=(8, 16), sample_size=16, **STAGES
    )


def oobleck() -> nn.Module:
    sizes = {"encoder_hidden_size": 8, "decoder_channels": 8, "decoder_input_channels": 4}
    return diffusers.AutoencoderOobleck(
        downsampling_ratios=[2, 2], channel_multiples=[1, 2], audio_channels=1, **sizes
    )


SUBJECTS = [
    vae("AutoencoderKL", kl, images(16), **HOOKS),
    vae(
        "AsymmetricAutoencoderKL",
        asymmetric,
        images(16),
        **HOOKS,
        unused_modules=("decoder.condition_encoder",),
    ),
    vae("AutoencoderOobleck", oobleck, normal(4, 1, 32), **HOOKS),
]
