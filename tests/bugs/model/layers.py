"""Bugs that the checks of suites/model/layers.py are meant for."""

import torch
from mnist_vae.model import CNNVAE, MLPVAE
from torch import nn

from ...seeding import model_bug, vae_bug
from .bases import Net

ACTIVATIONS = "test_initial_activations_are_alive"
USED = "test_every_module_is_used"
SHARED = "test_no_module_is_shared_by_accident"
MERGED = "test_no_linear_layer_makes_up_for_another"


@vae_bug(ACTIVATIONS, r"encoder\.2 \(ReLU\): 100% of its units return the same.*dead")
class DeadUnits(MLPVAE):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        nn.init.constant_(self.encoder[1].bias, -20.0)


@vae_bug(ACTIVATIONS, r"encoder\.3 \(Linear\) returns values around .*far too large")
class HugeInitialWeights(MLPVAE):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        for layer in (self.encoder[1], self.encoder[3]):
            nn.init.normal_(layer.weight)


@vae_bug(ACTIVATIONS, r"encoder\.1 \(Linear\) returns values around .*far too small")
class TinyInitialWeights(MLPVAE):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        with torch.no_grad():
            for parameter in self.parameters():
                parameter *= 1e-4


@vae_bug(
    ACTIVATIONS,
    r"decoder\.9 \(ConvTranspose2d\).* (all units|the same)|ConvTranspose2d\): all units",
)
class ConstantTransposedConvolutions(CNNVAE):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        for module in self.modules():
            if isinstance(module, nn.ConvTranspose2d):
                nn.init.constant_(module.weight, 0.01)


@vae_bug(ACTIVATIONS, r"encoder\.1 \(Linear\): all units return the same.*stay equal for ever")
class ConstantInitialWeights(MLPVAE):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        nn.init.constant_(self.encoder[1].weight, 0.01)
        nn.init.zeros_(self.encoder[1].bias)


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


@vae_bug(
    MERGED,
    r"encoder\.2 follows on encoder\.1 directly.*activation between them missing",
    source="stanza PR#1610",
)
class OneActivationMissing(MLPVAE):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        del self.encoder[2]


@model_bug(
    MERGED,
    r"out follows on hidden directly.*activation between them missing",
    source="stanza PR#1610",
)
class ActivationMissingBeforeTheLastLayer(Net):
    def forward(self, inputs):
        return self.out(self.hidden(inputs)).relu()
