"""Bugs that the checks of suites/model/inputs.py are meant for."""

import torch
from mnist_vae.model import MLPVAE
from torch import nn

from ...seeding import model_bug, vae_bug
from .bases import Net

UNMODIFIED = "test_inputs_are_not_modified"
INPUT_ELEMENTS = "test_every_input_element_matters"


@model_bug(UNMODIFIED, r"InPlaceInput changes its inputs.*in-place")
class InPlaceInput(Net):
    def forward(self, inputs):
        return super().forward(inputs.mul_(2))


@model_bug(
    UNMODIFIED,
    r"ReplacesUnknownTokens changes its inputs.*in-place",
    inputs=lambda: torch.tensor([[1, 5, 9], [2, 7, 0], [8, 3, 3], [4, 11, 6]]),
)
class ReplacesUnknownTokens(nn.Module):
    """Whoever counts the unknown ones afterwards, or compares with the inputs, finds none."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(10, 2)
        self.out = nn.Linear(6, 6)

    def forward(self, inputs):
        inputs[inputs > 9] = 0
        return self.out(self.embedding(inputs).flatten(1).tanh())


@model_bug(UNMODIFIED, r"hidden\.weight is changed by a forward pass.*normalised or clipped")
class WeightNormalisedInPlace(Net):
    def forward(self, inputs):
        with torch.no_grad():
            self.hidden.weight /= self.hidden.weight.norm(dim=1, keepdim=True) + 0.5
        return super().forward(inputs)


@vae_bug(
    INPUT_ELEMENTS, r"ignores 32 of 64 elements of its input, the first at \(0, 4, 0\).*cropped"
)
class LowerHalfIgnored(MLPVAE):
    def encode(self, inputs):
        return super().encode(inputs * (torch.arange(8, device=inputs.device) < 4).view(8, 1))


@model_bug(
    INPUT_ELEMENTS,
    r"ignores 8 of 8 elements of its input 1",
    inputs=lambda: (torch.randn(4, 6), torch.tensor([[0.0, -1e9] * 4] * 4)),
)
class MaskIgnored(Net):
    def forward(self, inputs, mask):
        return super().forward(inputs)
