"""Layers, activations and initial weights that not every VAE has."""

import warnings

import torch
from mnist_vae.model import CNNVAE, MLPVAE
from torch import nn
from torch.nn.utils import parametrizations

from ...varying import vae
from .small import CODE, SHAPE, Plain, attributes, with_layers, with_middle


@vae
def batch_norm_1d():
    return with_layers(lambda: nn.BatchNorm1d(32))


@vae
def batch_norm_2d():
    return attributes(CNNVAE(SHAPE, CODE), output_range=(-1, 1))


@vae
def batch_norm_with_cumulative_average():
    return with_layers(lambda: nn.BatchNorm1d(32, momentum=None))


@vae
def layer_norm():
    return with_layers(lambda: nn.LayerNorm(32))


@vae
def group_norm():
    return with_layers(lambda: nn.GroupNorm(4, 32))


@vae
def dropout():
    return with_layers(lambda: nn.Dropout(0.5))


@vae
def strong_dropout_declared():
    return with_layers(lambda: nn.Dropout(0.8), max_dropout=0.8)


@vae
def spectral_norm():
    return with_layers(lambda: parametrizations.spectral_norm(nn.Linear(32, 32)))


@vae
def weight_norm():
    return with_layers(lambda: parametrizations.weight_norm(nn.Linear(32, 32)))


@vae
def weight_norm_by_hook():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # it is deprecated, and everywhere
        return with_layers(
            lambda: nn.Sequential(nn.ReLU(), nn.utils.weight_norm(nn.Linear(32, 32)))
        )


@vae
def orthogonal_weights():
    return with_layers(lambda: parametrizations.orthogonal(nn.Linear(32, 32)))


@vae
def prelu():
    return with_middle(nn.PReLU)


@vae
def gelu():
    return with_middle(nn.GELU)


@vae
def silu():
    return with_middle(nn.SiLU)


@vae
def no_biases():
    net = Plain()
    for module in net.modules():
        if isinstance(module, nn.Linear):
            module.register_parameter("bias", None)
    return attributes(net)


class Residual(nn.Module):
    """x + branch(x), whose last layer starts at zero."""

    def __init__(self, branch: nn.Module, zero_layer: nn.Module):
        super().__init__()
        self.branch = branch
        nn.init.zeros_(zero_layer.weight)
        nn.init.zeros_(zero_layer.bias)

    def forward(self, x):
        return x + self.branch(x)


@vae
def low_rank_layer():
    return with_layers(lambda: nn.Sequential(nn.ReLU(), nn.Linear(32, 8), nn.Linear(8, 32)))


def zero_residual() -> nn.Module:
    last = nn.Linear(32, 32)
    return Residual(nn.Sequential(nn.Linear(32, 32), nn.ReLU(), last), last)


@vae
def zero_initialised_residual_branches():
    return with_layers(lambda: nn.Sequential(zero_residual(), zero_residual()))


@vae
def zero_gamma():
    def block():
        norm = nn.LayerNorm(32)
        return Residual(nn.Sequential(nn.Linear(32, 32), norm), norm)

    return with_layers(block)


@vae
def zero_initialised_last_layers():
    net = Plain()
    for layer in (net.encoder[3], net.decoder[2]):
        nn.init.zeros_(layer.weight)
        nn.init.zeros_(layer.bias)
    return attributes(net)


class ReZero(nn.Module):
    def __init__(self):
        super().__init__()
        self.branch = nn.Sequential(nn.Linear(32, 32), nn.ReLU())
        self.alpha = nn.Parameter(torch.zeros(()))

    def forward(self, x):
        return x + self.alpha * self.branch(x)


@vae
def rezero():
    return with_layers(lambda: nn.Sequential(ReZero(), ReZero()))


class LoRA(nn.Module):
    """A frozen layer and a trained correction of rank 2 that starts at zero."""

    def __init__(self):
        super().__init__()
        self.base = nn.Linear(32, 32).requires_grad_(False)
        self.a = nn.Parameter(torch.randn(2, 32) / 32**0.5)
        self.b = nn.Parameter(torch.zeros(32, 2))

    def forward(self, x):
        return self.base(x) + x @ self.a.T @ self.b.T


@vae
def lora():
    return with_layers(LoRA, frozen_parameters=("*.base.*",))


@vae
def kaiming_initialisation():
    net = MLPVAE(SHAPE, CODE)
    for module in net.modules():
        if isinstance(module, nn.Linear):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            nn.init.zeros_(module.bias)
    return attributes(net)
