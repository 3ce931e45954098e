"""Bugs that the checks of suites/model/activations.py are meant for."""

import torch
from mnist_vae.model import CNNVAE, MLPVAE
from torch import nn

from ...seeding import vae_bug

ACTIVATIONS = "test_initial_activations_are_alive"


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
