"""Correct but unusual models that are no variational autoencoders, on which no check may fail."""

import itertools
import math

import torch
from torch import nn

from ...varying import model
from ..vae.small import attributes


class Siren(nn.Module):
    """Sines of 30 times their inputs, which amplify every rounding."""

    def __init__(self):
        super().__init__()
        sizes = [2, 16, 16, 1]
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in itertools.pairwise(sizes))
        for layer in self.layers[1:]:
            bound = (6 / layer.in_features) ** 0.5 / 30
            nn.init.uniform_(layer.weight, -bound, bound)

    def forward(self, inputs):
        for layer in self.layers[:-1]:
            inputs = torch.sin(30 * layer(inputs))
        return self.layers[-1](inputs)


@model
def sine_activations():
    return attributes(Siren(), batch=8, shape=(2,), output_shape=(8, 1))


@model
def linear_regression():
    return attributes(nn.Linear(6, 1), shape=(6,), output_shape=(4, 1))


@model
def binary_classifier():
    net = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 1), nn.Sigmoid())
    return attributes(net, shape=(6,), output_shape=(4, 1), output_range=(0, 1))


@model
def softmax_classifier():
    net = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 5), nn.Softmax(dim=1))
    return attributes(net, shape=(6,), output_shape=(4, 5), output_range=(0, 1))


@model
def embeds_tokens():
    net = nn.Sequential(nn.Embedding(11, 6), nn.Flatten(), nn.Linear(18, 4))
    return {"net": net, "test_inputs": torch.randint(11, (4, 3)), "output_shape": (4, 4)}


@model
def embeds_tokens_with_bounded_norm():
    """Its vectors are shortened in place as they are looked up."""
    net = nn.Sequential(nn.Embedding(11, 6, max_norm=1.0), nn.Flatten(), nn.Linear(18, 4))
    return {"net": net, "test_inputs": torch.randint(11, (4, 3)), "output_shape": (4, 4)}


class Blocks(nn.Module):
    """Residual blocks, of which a subclass changes what they add."""

    def __init__(self, count: int = 6):
        super().__init__()
        blocks = [nn.Sequential(nn.LayerNorm(6), nn.Linear(6, 6), nn.GELU()) for _ in range(count)]
        self.blocks = nn.ModuleList(blocks)
        self.head = nn.Linear(6, 4)

    def forward(self, inputs):
        for number, block in enumerate(self.blocks):
            inputs = inputs + self.added(number, block, inputs)
        return self.head(inputs)

    def added(self, number, block, inputs):
        return block(inputs)


class GatedBlocks(Blocks):
    """With LayerScale: see Touvron et al., "Going deeper with Image Transformers" (2021)."""

    def __init__(self):
        super().__init__()
        self.gates = nn.Parameter(torch.full((6, 6), 1e-4))

    def added(self, number, block, inputs):
        return self.gates[number] * block(inputs)


class DroppedBlocks(Blocks):
    """With stochastic depth: see Huang et al. (2016). In training a block may not be called."""

    def __init__(self, dropped: float):
        super().__init__()
        self.kept = 1 - dropped

    def added(self, number, block, inputs):
        if not self.training:
            return self.kept * block(inputs)
        return block(inputs) if torch.rand(()) < self.kept else torch.zeros_like(inputs)


@model
def gates_close_to_zero():
    return attributes(GatedBlocks(), shape=(6,), output_shape=(4, 4))


@model
def rarely_dropped_blocks():
    return attributes(DroppedBlocks(0.1), shape=(6,), output_shape=(4, 4), optimizer_steps=20)


@model
def often_dropped_blocks():
    return attributes(DroppedBlocks(0.5), shape=(6,), output_shape=(4, 4), optimizer_steps=50)


class Spectral(nn.Module):
    """Multiplies by complex weights in the space of frequencies."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(9, dtype=torch.cfloat))
        self.out = nn.Linear(16, 4)

    def forward(self, inputs):
        return self.out(torch.fft.irfft(torch.fft.rfft(inputs) * self.weight, n=16).tanh())


@model
def complex_parameters():
    return attributes(Spectral(), shape=(16,), output_shape=(4, 4))


class WithTeacher(nn.Module):
    """Returns the outputs of a frozen network beside its own."""

    def __init__(self):
        super().__init__()
        self.student = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 4))
        self.teacher = nn.Sequential(nn.Linear(6, 8), nn.Tanh(), nn.Linear(8, 4))
        self.teacher.requires_grad_(False)

    def forward(self, inputs):
        with torch.no_grad():
            target = self.teacher(inputs)
        return self.student(inputs), target


@model
def frozen_teacher():
    shapes = [(4, 4), (4, 4)]
    return attributes(
        WithTeacher(), shape=(6,), output_shape=shapes, frozen_parameters=("teacher.*",)
    )


@model
def positive_outputs():
    net = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 4), nn.Softplus())
    return attributes(net, shape=(6,), output_shape=(4, 4), output_range=(0, math.inf))


@model
def lazy_layers_that_were_called():
    net = nn.Sequential(nn.LazyLinear(8), nn.ReLU(), nn.LazyLinear(4))
    net(torch.zeros(1, 6))
    return attributes(net, shape=(6,), output_shape=(4, 4))


class Branches(nn.Module):
    """Returns a dict."""

    def __init__(self):
        super().__init__()
        self.left, self.right = nn.Linear(6, 3), nn.Linear(6, 2)

    def forward(self, inputs):
        return {"left": self.left(inputs).tanh(), "right": [self.right(inputs)]}


@model
def returns_a_dict():
    return attributes(Branches(), shape=(6,), output_shape=[(4, 3), (4, 2)])


class ResidualStack(nn.Module):
    """Twenty residual blocks with normalisation."""

    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.LayerNorm(8), nn.Linear(8, 8), nn.GELU()) for _ in range(20)
        )

    def forward(self, inputs):
        for block in self.blocks:
            inputs = inputs + block(inputs)
        return inputs


@model
def deep_residual_network():
    return attributes(ResidualStack(), shape=(8,), output_shape=(4, 8))


class Sequence(nn.Module):
    """Predicts every element of a sequence from those before it."""

    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(5, 7, batch_first=True)
        self.head = nn.Linear(7, 5)

    def forward(self, inputs):
        return self.head(self.rnn(inputs)[0])


@model
def recurrent_model():
    return attributes(Sequence(), shape=(6, 5), output_shape=(4, 6, 5))
