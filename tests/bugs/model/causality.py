"""Bugs that the checks of suites/model/causality.py are meant for."""

import torch
from torch import nn

from ...seeding import model_bug
from .bases import CausalTransformer

LATER = "test_no_output_depends_on_later_inputs"
EARLIER = "test_outputs_depend_on_earlier_inputs"
TRAINING = "test_training_sees_no_later_inputs"
MASKS = "reported: huggingface/transformers#48745, #31673, #45820"


def sequences() -> torch.Tensor:
    return torch.randn(4, 8, 6)


def tokens() -> torch.Tensor:
    return torch.arange(4 * 8).reshape(4, 8) * 7 % 11


def sequence_bug(check: str, message: str, source: str = "common knowledge", **attributes):
    """For a module that takes (N, 8, 6) and returns (N, 8, 6)."""
    settings = {"causal_axis": 1, "output_shape": (4, 8, 6), "inputs": sequences, **attributes}
    return model_bug(check, message, source=source, **settings)


@sequence_bug(LATER, r"looks 7 of 8 steps ahead.*output at time 0.*mask dropped", MASKS)
class MaskDropped(CausalTransformer):
    def mask(self, length):
        return torch.ones(length, length, dtype=torch.bool)


@sequence_bug(LATER, r"looks 7 of 8 steps ahead.*inverted")
class MaskInverted(CausalTransformer):
    """True hides in one place of PyTorch, and shows in the other."""

    def mask(self, length):
        return ~super().mask(length) | torch.eye(length, dtype=torch.bool)


@sequence_bug(LATER, r"looks 7 of 8 steps ahead.*missing in one branch", MASKS)
class MaskInOneOfTwoLayers(CausalTransformer):
    def forward(self, inputs):
        hidden = self.embed(inputs)
        hidden = hidden + self.attend(0, hidden, self.mask(inputs.shape[1]))
        hidden = hidden + self.attend(1, hidden, None)
        return self.head(hidden)


@sequence_bug(LATER, r"looks 2 of 8 steps ahead.*off by one")
class MaskOffByOne(CausalTransformer):
    """Each of two layers looks one step ahead."""

    def mask(self, length):
        return torch.ones(length, length, dtype=torch.bool).tril(1)


@sequence_bug(LATER, r"not finite.*hide everything from a step")
class MaskHidesTheStepItself(CausalTransformer):
    def attend(self, layer, hidden, mask):
        query, key, value = self.queries[layer](hidden).chunk(3, dim=-1)
        hidden_steps = ~mask.tril(-1)
        logits = (query @ key.transpose(1, 2)).masked_fill(hidden_steps, -torch.inf)
        return logits.softmax(dim=-1) @ value


@sequence_bug(
    LATER,
    r"looks 7 of 8 steps ahead",
    MASKS,
    inputs=tokens,
    output_shape=(4, 8, 11),
)
class TokensWithoutMask(CausalTransformer):
    def __init__(self):
        super().__init__()
        self.embed, self.head = nn.Embedding(11, 8), nn.Linear(8, 11)

    def mask(self, length):
        return torch.ones(length, length, dtype=torch.bool)


@sequence_bug(LATER, r"looks 1 of 8 steps ahead.*a convolution padded on both sides")
class PaddedOnBothSides(nn.Module):
    def __init__(self):
        super().__init__()
        self.convolution = nn.Conv1d(6, 6, kernel_size=3, padding=1)

    def forward(self, inputs):
        return self.convolution(inputs.transpose(1, 2)).transpose(1, 2)


@sequence_bug(LATER, r"looks 7 of 8 steps ahead.*pooled, normalised or reversed")
class Bidirectional(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(6, 3, batch_first=True, bidirectional=True)

    def forward(self, inputs):
        return self.rnn(inputs)[0]


@sequence_bug(LATER, r"looks 7 of 8 steps ahead.*pooled, normalised")
class PooledOverTime(CausalTransformer):
    """A gate made of the whole sequence, as in squeeze and excitation."""

    def forward(self, inputs):
        return super().forward(inputs) * inputs.mean(dim=1, keepdim=True).sigmoid()


@sequence_bug(EARLIER, r"output at time 4 of 8 does not depend on any input before it.*too narrow")
class SeesItselfOnly(CausalTransformer):
    def mask(self, length):
        return torch.eye(length, dtype=torch.bool)


@sequence_bug(EARLIER, r"output at time 4 of 8 does not depend.*state reset at every step")
class ResetsItsState(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell = nn.GRUCell(6, 6)

    def forward(self, inputs):
        return torch.stack([self.cell(step) for step in inputs.unbind(dim=1)], dim=1)


@sequence_bug(
    TRAINING, r"output at time 0 changes.*in training mode.*by norm\?.*causal_in_training"
)
class BatchNormOverTime(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn, self.norm = nn.GRU(6, 6, batch_first=True), nn.BatchNorm1d(6)

    def forward(self, inputs):
        return self.norm(self.rnn(inputs)[0].transpose(1, 2)).transpose(1, 2)


@sequence_bug(TRAINING, r"output at time 0 changes.*in training mode.*mask left out there")
class MaskInEvalModeOnly(CausalTransformer):
    def mask(self, length):
        everything = torch.ones(length, length, dtype=torch.bool)
        return everything if self.training else super().mask(length)
