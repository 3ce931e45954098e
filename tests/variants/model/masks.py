"""Models that take a mask as floats: added to logits, or compared."""

import torch
from torch import nn

from ...varying import model


class MaskedAttention(nn.Module):
    """The mask is added to the logits: 0 where a position is seen, a large negative number else."""

    def __init__(self):
        super().__init__()
        self.project, self.out = nn.Linear(8, 24), nn.Linear(8, 8)

    def forward(self, inputs, mask):
        queries, keys, values = self.project(inputs).chunk(3, dim=-1)
        logits = queries @ keys.transpose(1, 2) / 8**0.5 + mask.unsqueeze(1)
        return inputs + self.out((logits.softmax(dim=-1) @ values).relu())


def hidden_positions(value: float) -> torch.Tensor:
    mask = torch.zeros(4, 6)
    mask[1:, 4:] = value
    return mask


@model
def additive_mask():
    return {"net": MaskedAttention(), "test_inputs": (torch.randn(4, 6, 8), hidden_positions(-1e9))}


@model
def additive_mask_of_infinities():
    hidden = hidden_positions(float("-inf"))
    return {"net": MaskedAttention(), "test_inputs": (torch.randn(4, 6, 8), hidden)}


@model
def additive_mask_of_the_lowest_number():
    hidden = hidden_positions(torch.finfo(torch.float32).min)
    return {"net": MaskedAttention(), "test_inputs": (torch.randn(4, 6, 8), hidden)}


class ComparedMask(nn.Module):
    """A mask of zeros and ones as floats, which is compared, so that it has no gradient."""

    def __init__(self):
        super().__init__()
        self.inner = MaskedAttention()

    def forward(self, inputs, mask):
        hidden = torch.zeros_like(mask).masked_fill(mask < 0.5, -1e9)
        return self.inner(inputs, hidden)


@model
def mask_of_floats_that_is_compared():
    mask = torch.ones(4, 6)
    mask[1:, 4:] = 0
    return {"net": ComparedMask(), "test_inputs": (torch.randn(4, 6, 8), mask)}
