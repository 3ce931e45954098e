"""Bugs that the checks of suites/model/before_training.py are meant for."""

import torch
from torch import nn
from torch.nn.utils import spectral_norm

from ...seeding import model_bug
from .bases import Net

MAKES = "test_forward_makes_no_buffers"
EVALUATES = "test_evaluates_before_it_was_trained"


@model_bug(MAKES, r"\.shift is made by a forward pass: a new model refuses to load.*in __init__")
class ShiftMadeByForward(Net):
    """The mean of the first batch."""

    def forward(self, inputs):
        if self.training and not hasattr(self, "shift"):
            self.register_buffer("shift", inputs.detach().mean(dim=0))
        return super().forward(inputs - getattr(self, "shift", 0))


@model_bug(MAKES, r"\.positions is made by a forward pass.*persistent=False")
class PositionsMadeByForward(Net):
    """They are as long as the longest inputs that came so far."""

    def forward(self, inputs):
        if getattr(self, "positions", inputs[0, :0]).numel() < inputs.shape[1]:
            steps = torch.linspace(0, 1, inputs.shape[1], device=inputs.device)
            self.register_buffer("positions", steps.to(inputs))
        return super().forward(inputs + self.positions)


@model_bug(
    EVALUATES,
    r"returns up to .* in eval mode when new, but .* after one forward pass in training mode"
    r".*hidden\.weight_u.*parametrizations",
    source="pytorch/pytorch#51800",
)
class SpectralNormWithoutAStart(Net):
    """Its norms are estimated from random vectors until the first pass in training mode."""

    def __init__(self):
        super().__init__()
        self.hidden, self.out = spectral_norm(nn.Linear(6, 64)), spectral_norm(nn.Linear(64, 6))


@model_bug(EVALUATES, r"after one forward pass in training mode.*kept in an attribute")
class ScaleKnownInTrainingOnly(Net):
    """Norms are cached in training, and evaluation takes what is there."""

    norm = 1.0

    def forward(self, inputs):
        if self.training:
            self.norm = 10 * self.out.weight.detach().norm()
        return super().forward(inputs) / self.norm
