"""Bugs that the check of suites/model/initial_signal.py is meant for."""

from mnist_vae.model import MLPVAE
from torch import nn

from ...seeding import model_bug, vae_bug
from .bases import Net

SIGNAL = "test_new_model_passes_its_inputs_on"


def tiny(module: nn.Module):
    if isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=1e-6)
        nn.init.zeros_(module.bias)


@model_bug(
    SIGNAL, r"outputs of forward are the same for all samples, up to rounding.*hidden\.weight"
)
class TinyWeights(Net):
    def __init__(self):
        super().__init__()
        self.apply(tiny)


@model_bug(
    SIGNAL, r"outputs of forward are the same for all samples.*hidden\.0\.weight are around \S+e-07"
)
class TinyWeightsInFrontOfBiases(Net):
    """The biases of the layers behind drown what is left."""

    def __init__(self):
        super().__init__()
        self.hidden = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 8))
        for layer in (self.hidden[0], self.hidden[2]):
            nn.init.normal_(layer.weight, std=1e-6)


@vae_bug(SIGNAL, r"outputs of encode are the same for all samples")
class TinyWeightsInTheEncoder(MLPVAE):
    """The noise of the code hides it in the outputs."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.encoder.apply(tiny)
