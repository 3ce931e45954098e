"""Models whose layers are not called, start at zero, or look at padding."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from ...varying import model
from ..vae.small import attributes


class FunctionalAttention(nn.Module):
    """Reads the probability of a dropout that it never calls, as BERT does."""

    def __init__(self):
        super().__init__()
        self.project, self.out = nn.Linear(8, 24), nn.Linear(8, 8)
        self.dropout, self.unused, self.softmax = nn.Dropout(0.1), nn.Identity(), nn.Softmax(-1)

    def forward(self, inputs):
        query, key, value = self.project(inputs).chunk(3, dim=-1)
        dropped = self.dropout.p if self.training else 0.0
        mixed = F.scaled_dot_product_attention(query, key, value, dropout_p=dropped)
        return inputs + self.out(mixed)


@model
def dropout_that_is_read_only():
    return attributes(FunctionalAttention(), shape=(5, 8), output_shape=(4, 5, 8))


class NormWithActivation(nn.BatchNorm2d):
    """A normalisation that holds an activation, as timm's BatchNormAct2d."""

    def __init__(self, features: int):
        super().__init__(features)
        self.drop, self.act = nn.Identity(), nn.ReLU()

    def forward(self, inputs):
        return self.act(self.drop(super().forward(inputs)))


@model
def normalisation_with_children():
    layers = [nn.Conv2d(3, 8, 3), NormWithActivation(8), nn.Flatten(), nn.Linear(128, 4)]
    return attributes(nn.Sequential(*layers), shape=(3, 6, 6), output_shape=(4, 4))


@model
def deep_with_new_statistics():
    """Twenty normalised layers: with statistics of 0 and 1 the signal is gone behind them."""
    layers = []
    for _ in range(20):
        conv = nn.Conv2d(8, 8, 3, padding=1, groups=8, bias=False)
        layers += [conv, nn.BatchNorm2d(8), nn.ReLU()]
    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 4)]
    net = nn.Sequential(nn.Conv2d(3, 8, 1), *layers, *head)
    return attributes(net, batch=8, shape=(3, 8, 8), output_shape=(8, 4))


class Windows(nn.Module):
    """Attention in windows of 8, to which inputs of 9 are padded."""

    def __init__(self):
        super().__init__()
        self.embed, self.mlp, self.head = nn.Linear(3, 8), nn.Linear(8, 8), nn.Linear(8, 4)

    def forward(self, inputs):
        hidden = F.pad(self.embed(inputs), (0, 0, 0, 143))  # (N, 152, 8)
        hidden = hidden + self.mlp(hidden.relu()).tanh()
        return self.head(hidden[:, :9].mean(dim=1))


@model
def windows_of_padding():
    return attributes(Windows(), shape=(9, 3), output_shape=(4, 4))


class ScaledConv(nn.Conv2d):
    """Standardised weights times a gain that starts at zero, as in NFNets."""

    def __init__(self, features: int):
        super().__init__(features, features, 3, padding=1)
        self.gain = nn.Parameter(torch.zeros(features, 1, 1, 1))

    def forward(self, inputs):
        weight = self.gain * (self.weight - self.weight.mean(dim=(1, 2, 3), keepdim=True))
        return F.conv2d(inputs, weight, self.bias, padding=1)


class NormaliserFree(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem, self.branch, self.head = nn.Conv2d(3, 8, 3), ScaledConv(8), nn.Linear(8, 4)
        nn.init.zeros_(self.branch.bias)

    def forward(self, inputs):
        hidden = self.stem(inputs).relu()
        return self.head((hidden + self.branch(hidden)).relu().mean(dim=(2, 3)))


@model
def gain_that_starts_at_zero():
    return attributes(NormaliserFree(), shape=(3, 6, 6), output_shape=(4, 4), optimizer_steps=5)


@model
def tiny_head():
    net = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 4))
    with torch.no_grad():
        net[2].weight *= 1e-3
        net[2].bias.zero_()
    return attributes(net, shape=(6,), output_shape=(4, 4))


class EvenAttention(nn.Module):
    """Logits so small that hardly any gradient reaches what they are made of."""

    def __init__(self):
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(8, 8) for _ in range(3))
        self.out = nn.Linear(8, 4)

    def forward(self, inputs):
        logits = 1e-6 * self.query(inputs) @ self.key(inputs).mT
        return self.out((logits.softmax(dim=-1) @ self.value(inputs)).relu().mean(dim=1))


@model
def attention_that_is_even():
    return attributes(EvenAttention(), shape=(5, 8), output_shape=(4, 4))


class SineTable(nn.Module):
    """Positions, one row for each: the same for every sample, whatever the inputs are."""

    def forward(self, inputs):
        place = torch.arange(inputs.shape[1], device=inputs.device, dtype=inputs.dtype)
        table = torch.sin(place[:, None] / 10 ** torch.arange(3, device=inputs.device))
        return table.repeat(len(inputs), 1, 1)


class WithPositions(nn.Module):
    """Its cache is built for the size of the inputs by the first forward pass."""

    def __init__(self):
        super().__init__()
        self.table, self.out = SineTable(), nn.Linear(3, 4)
        self.register_buffer("cache", torch.zeros(0, 3), persistent=False)

    def forward(self, inputs):
        if self.cache.shape[0] != inputs.shape[1] or self.cache.device != inputs.device:
            self.cache = self.table(inputs[:1])[0]
        return self.out(inputs + self.table(inputs) + self.cache)


@model
def positions_and_a_cache():
    return attributes(WithPositions(), shape=(5, 3), output_shape=(4, 5, 4))


@model
def saturated_sigmoid():
    net = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 2), nn.Sigmoid())
    with torch.no_grad():
        net[2].weight *= 60
    return attributes(net, shape=(6,), output_shape=(4, 2), output_range=(0, 1), pretrained=True)


@model
def gelu_at_the_end():
    net = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 4), nn.GELU())
    return attributes(net, shape=(6,), output_shape=(4, 4), output_range=(-0.17, math.inf))
