"""Bugs that the check of suites/model/recorded_outputs.py is meant for."""

import tempfile
from pathlib import Path

import torch
from suites import AbstractTestModel
from suites.record import as_text
from torch import nn

from ...seeding import seed

RECORDED = "test_reproduces_recorded_outputs"


class Recorded(nn.Module):
    """What was recorded: (N, 6) to (N, 4)."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(6, 8), nn.LeakyReLU(0.1), nn.BatchNorm1d(8))
        self.head = nn.Linear(8, 4)

    def forward(self, inputs):
        return self.head(self.body(inputs).tanh())


def recorded_bug(message: str, source: str = "common knowledge", text: str | None = None):
    """For a class that takes the place of the one that was recorded, perhaps as another text."""

    def decorate(cls):
        def set_up(case):
            case.test_inputs, case.net = torch.randn(4, 6), Recorded()
            directory = tempfile.TemporaryDirectory()
            case.addCleanup(directory.cleanup)
            case.recorded_outputs = Path(directory.name, "recorded.json")
            case.recorded_outputs.write_text(text or as_text(case.new_record()))
            case.net = cls()

        return seed(cls, AbstractTestModel, RECORDED, message, set_up, source)

    return decorate


@recorded_bug(
    r"\.body\.1 was LeakyReLU when it was recorded, and is ReLU.*python -m suites\.record"
)
class ActivationExchanged(Recorded):
    def __init__(self):
        super().__init__()
        self.body[1] = nn.ReLU()


@recorded_bug(r"\.head gets other inputs in forward.*all layers called before it agree.*activation")
class FunctionalActivationExchanged(Recorded):
    def forward(self, inputs):
        return self.head(self.body(inputs).sigmoid())


@recorded_bug(r"\.body\.1 returns something else in forward.*for the same inputs.*its settings")
class SlopeChanged(Recorded):
    def __init__(self):
        super().__init__()
        self.body[1].negative_slope = 0.01


@recorded_bug(
    r"had parameters \['head\.bias', 'head\.weight'\].*has \['out\.bias', 'out\.weight'\]"
)
class LayerRenamed(Recorded):
    def __init__(self):
        super().__init__()
        self.out = self.head
        del self.head

    def forward(self, inputs):
        return self.out(self.body(inputs).tanh())


@recorded_bug(r"\.head\.weight had the shape \(4, 8\) when it was recorded, and has \(5, 8\)")
class LayerWidened(Recorded):
    def __init__(self):
        super().__init__()
        self.head = nn.Linear(8, 5)


@recorded_bug(r"ScaledAtTheEnd returns something else in forward")
class ScaledAtTheEnd(Recorded):
    """The logits of an old checkpoint are twice as sure."""

    def forward(self, inputs):
        return 2 * super().forward(inputs)


@recorded_bug(r"forward called body\.1 when it was recorded, where it calls body\.2.*another order")
class LayersInAnotherOrder(Recorded):
    def forward(self, inputs):
        linear, activation, norm = self.body
        return self.head(activation(norm(linear(inputs))).tanh())


@recorded_bug(
    r"recorded\.json is no recorded_outputs: it has no 'parameters'\.\nWrite it anew: python -m",
    text="{}",
)
class RecordOfNothing(Recorded):
    """The file is JSON, but no record."""
