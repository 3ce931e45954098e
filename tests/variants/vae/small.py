"""A small fully connected VAE and its halves, which the variants change."""

from collections.abc import Callable

import torch
from mnist_vae.model import VAE
from torch import nn

SHAPE = (1, 8, 8)
FEATURES = 64
CODE = 4


class Halves(VAE):
    """A VAE of two given halves, for inputs of shape (1, 8, 8)."""

    def __init__(self, encoder: nn.Module, decoder: nn.Module, bottleneck_dim: int = CODE):
        super().__init__(bottleneck_dim)
        self.encoder, self.decoder = encoder, decoder


class Plain(Halves):
    """A small fully connected VAE, to be changed by the variants."""

    def __init__(self, bottleneck_dim: int = CODE):
        super().__init__(encoder(nn.ReLU(), 2 * bottleneck_dim), decoder(nn.ReLU(), bottleneck_dim))
        self.bottleneck_dim = bottleneck_dim


def encoder(middle: nn.Module, outputs: int = 2 * CODE) -> nn.Sequential:
    """(N, 1, 8, 8) -> (N, outputs), around a module that keeps 32 features."""
    return nn.Sequential(nn.Flatten(), nn.Linear(FEATURES, 32), middle, nn.Linear(32, outputs))


def decoder(middle: nn.Module, code: int = CODE) -> nn.Sequential:
    """(N, code) -> (N, 1, 8, 8), around a module that keeps 32 features."""
    head = [nn.Linear(32, FEATURES), nn.Unflatten(1, SHAPE), nn.Tanh()]
    return nn.Sequential(nn.Linear(code, 32), middle, *head)


def attributes(net: nn.Module, batch: int = 4, shape: tuple = SHAPE, **others) -> dict:
    return {"net": net, "test_inputs": torch.randn(batch, *shape), **others}


def with_middle(make: Callable[[], nn.Module], **others) -> dict:
    return attributes(Halves(encoder(make()), decoder(make())), **others)


def with_layers(make: Callable[[], nn.Module], **others) -> dict:
    return with_middle(lambda: nn.Sequential(make(), nn.ReLU()), **others)


def hidden_layer() -> nn.Sequential:
    """A further linear layer, behind the activation of the one before."""
    return nn.Sequential(nn.ReLU(), nn.Linear(32, 32))
