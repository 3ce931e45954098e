"""Bugs that the checks of suites/model/batch_sizes.py are meant for."""

import torch
from torch import nn

from ...seeding import model_bug
from .bases import Net

BATCH_SIZE = "test_any_batch_size"


@model_bug(BATCH_SIZE, r"returns shapes \[\(6,\)\] for a batch of 1.*squeeze")
class SqueezesTheBatch(Net):
    def forward(self, inputs):
        return super().forward(inputs).squeeze()


@model_bug(BATCH_SIZE, r"does not take a batch of 1: RuntimeError: shape.*fixed in a reshape")
class BatchSizeFixed(Net):
    def forward(self, inputs):
        return super().forward(inputs.view(4, 6))


@model_bug(BATCH_SIZE, r"does not take a batch of 1: ZeroDivisionError.*subtracting 1")
class DividesByTheNumberOfOthers(Net):
    def forward(self, inputs):
        return super().forward(inputs) + 1 / (len(inputs) - 1)


@model_bug(
    BATCH_SIZE,
    r"returns shapes 0 \(4, 5, 6\), 1 \(1, 4, 6\) for 4 samples along batch_axis = 0.*declare",
    inputs=lambda: torch.randn(4, 5, 6),
)
class StateOfAnotherOrder(nn.Module):
    """Whoever indexes the state by sample gets that of a layer."""

    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(6, 6, batch_first=True)

    def forward(self, inputs):
        return self.rnn(inputs)
