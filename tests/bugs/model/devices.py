"""Bugs that the checks of suites/model/devices.py are meant for."""

import torch
from mnist_vae.model import MLPVAE
from torch import nn

from ...seeding import model_bug, vae_bug
from .bases import Net

DEVICES = "test_moves_between_devices"


@vae_bug(
    DEVICES,
    r"does not run on meta.*without device=",
    source="How to Trust Your Deep Learning Code; UNIT#37 (GaussianVAE2D)",
)
class NoiseOnTheCPU(MLPVAE):
    def bottleneck(self, mu, log_sigma):
        return mu + log_sigma.exp() * torch.randn(mu.shape)


@model_bug(DEVICES, r"does not run on meta.*in place of a buffer")
class TensorNotRegistered(Net):
    def __init__(self):
        super().__init__()
        self.scale = torch.rand(6)

    def forward(self, inputs):
        return super().forward(inputs * self.scale)


@model_bug(DEVICES, r"linear\(\) gets a tensor of shape \(8, 6\) on the CPU.*nn\.ModuleList")
class LayersInPlainList(Net):
    """The meta device itself lets this pass: it multiplies with a matrix on the CPU."""

    def __init__(self):
        super().__init__()
        self.layers = [self.hidden, self.out]
        del self.hidden, self.out
        self.gain = nn.Parameter(torch.ones(6))

    def forward(self, inputs):
        return self.layers[1](self.layers[0](inputs * self.gain).relu())


@model_bug(
    DEVICES,
    r"returns a tensor on \['cpu', 'meta'\].*made without device=",
    source="Humbatova et al. 2020, taxonomy (missing destination GPU device)",
)
class SecondOutputOnTheCPU(Net):
    def forward(self, inputs):
        return super().forward(inputs), torch.zeros(len(inputs), 2)
