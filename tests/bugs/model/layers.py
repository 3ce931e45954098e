"""Bugs that the checks of suites/model/layers.py are meant for."""

import torch
from mnist_vae.model import MLPVAE
from torch import nn

from ...seeding import model_bug, vae_bug
from .bases import Net

USED = "test_every_module_is_used"
SHARED = "test_no_module_is_shared_by_accident"


@model_bug(
    USED,
    r"activation \(ReLU\) is never called.*forgotten in forward",
    source="Humbatova et al. 2020, taxonomy (missing relu activation function)",
)
class ActivationForgotten(Net):
    def __init__(self):
        super().__init__()
        self.activation = nn.ReLU()


@model_bug(
    SHARED,
    r"layers\.0 and layers\.1 are the same layer.*\[layer\] \* 2.*'layers\.1'",
    source="zalandoresearch/pytorch-vq-vae#2, yaoppeng/U-Net_v2#10",
)
class LayersByMultiplication(Net):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(*[nn.Linear(6, 6)] * 3)

    def forward(self, inputs):
        return super().forward(self.layers(inputs))


@vae_bug(
    SHARED,
    r"encoder\.5 and decoder\.0 are the same layer",
    inputs=lambda: torch.randn(4, 1, 16, 16),
    source="tabnet PR#76 (batch norms shared by accident)",
)
class DecoderBorrowsFromEncoder(MLPVAE):
    def __init__(self, *_):
        super().__init__((1, 16, 16), 128)
        self.encoder[5] = self.decoder[0] = nn.Linear(256, 256)
        self.bottleneck_dim = 256

    def decode(self, latent_code):
        return super().decode(latent_code.repeat(1, 2))
