"""Architectures, and ways to run them."""

import shutil
import warnings

import torch
from mnist_vae.model import CNNVAE
from torch import nn
from torch.utils.checkpoint import checkpoint

from ...varying import vae
from .small import (
    CODE,
    SHAPE,
    Halves,
    Plain,
    attributes,
    decoder,
    with_layers,
    with_middle,
)


class FeatureAttention(nn.Module):
    """Self-attention over four groups of eight features of a sample."""

    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, x):
        tokens = x.unflatten(1, (4, 8))
        return (tokens + self.attention(tokens, tokens, tokens)[0]).flatten(1)


@vae
def attention_over_features():
    return with_layers(FeatureAttention)


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.1, batch_first=True)

    def forward(self, x):
        return self.layer(x.unflatten(1, (4, 8))).flatten(1)


@vae
def transformer_layer():
    return with_layers(Transformer)


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(8, 8, batch_first=True)

    def forward(self, x):
        return self.rnn(x.unflatten(1, (4, 8)))[0].flatten(1)


@vae
def recurrent_layer():
    return with_layers(Recurrent)


class Checkpointed(nn.Module):
    def __init__(self, use_reentrant: bool):
        super().__init__()
        self.layers = nn.Sequential(nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 32))
        self.use_reentrant = use_reentrant

    def forward(self, x):
        return checkpoint(self.layers, x, use_reentrant=self.use_reentrant)


@vae
def gradient_checkpointing():
    return with_layers(lambda: Checkpointed(use_reentrant=False))


@vae
def reentrant_gradient_checkpointing():
    return with_layers(lambda: Checkpointed(use_reentrant=True))


@vae
def channels_last():
    values = attributes(CNNVAE((3, 8, 8), CODE), shape=(3, 8, 8))
    values["net"].to(memory_format=torch.channels_last)
    values["test_inputs"] = values["test_inputs"].to(memory_format=torch.channels_last)
    return values


@vae
def max_pooling():
    pooling = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.MaxPool2d(2), nn.ReLU(), nn.Flatten(), nn.Linear(128, 8)
    )
    return attributes(Halves(pooling, decoder(nn.ReLU())))


@vae
def inplace_activations():
    return with_middle(lambda: nn.ReLU(inplace=True))


@vae
def lazily_initialised_layer():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # lazy modules announce that they may change
        lazy = nn.Sequential(nn.Flatten(), nn.LazyLinear(32), nn.ReLU(), nn.LazyLinear(2 * CODE))
    lazy(torch.zeros(2, *SHAPE))
    return attributes(Halves(lazy, decoder(nn.ReLU())))


@vae
def compiled():
    if shutil.which("g++") is None and shutil.which("c++") is None:
        return attributes(Plain())
    return attributes(torch.compile(Plain()))


@vae
def compiled_halves():
    net = Plain()
    net.encoder = torch.compile(net.encoder)
    net.decoder = torch.compile(net.decoder)
    return attributes(net)
