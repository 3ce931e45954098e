"""Bugs that the check of suites/model/inplace.py is meant for."""

import torch.nn.functional as F
from torch import nn

from ...seeding import model_bug
from .bases import Net

INPLACE = "test_inplace_activations_change_nothing"


@model_bug(
    INPLACE,
    r"returns something else without inplace=True in branch\.0\..*a residual",
    source="rosinality/vq-vae-2-pytorch#60",
)
class ResidualBehindAnInplaceActivation(Net):
    """What is added back is no longer what came in."""

    def __init__(self):
        super().__init__()
        self.branch = nn.Sequential(nn.ReLU(inplace=True), nn.Linear(8, 8))

    def forward(self, inputs):
        hidden = self.hidden(inputs)
        return self.out(hidden + self.branch(hidden))


@model_bug(
    INPLACE,
    r"returns something else without inplace=True in leaky_relu\(\)",
    source="iduta/iresnet#2",
)
class FunctionalInplaceActivation(Net):
    def forward(self, inputs):
        hidden = self.hidden(inputs)
        return self.out(F.leaky_relu(hidden, 0.1, inplace=True) + hidden)


@model_bug(
    INPLACE, r"has gradients without inplace=True in act only: RuntimeError.*what a gradient still"
)
class OverwritesWhatBackwardNeeds(Net):
    """Multiplication needs both of its factors again."""

    def __init__(self):
        super().__init__()
        self.act = nn.ReLU(inplace=True)

    def forward(self, inputs):
        hidden = self.hidden(inputs)
        gate = hidden.sigmoid()
        gated = hidden * gate
        return self.out(gated + self.act(gate))
