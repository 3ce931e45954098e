"""Models in which rounding, or a signal close to it, is right: small gains, few values, float32."""

import torch
from torch import nn

from ...varying import model


class NormInSinglePrecision(nn.Module):
    """A weight is divided by a norm that is rounded to float32, beside much that is not."""

    def __init__(self):
        super().__init__()
        self.hidden, self.out = nn.Linear(6, 8, bias=False), nn.Linear(8, 4)

    def forward(self, inputs):
        norm = self.hidden.weight.norm()
        factor = torch.max(torch.ones(1, device=inputs.device), norm)  # in float32 for a number
        return self.out(nn.functional.linear(inputs, self.hidden.weight / factor).tanh())


@model
def norm_in_single_precision():
    return {
        "net": NormInSinglePrecision(),
        "test_inputs": torch.randn(4, 6),
    }


class ReadsItsToken(nn.Module):
    """A new token attends to the inputs, by gains that start close to zero, as CaiT's does.

    Touvron et al., Going deeper with image transformers (2021).
    """

    def __init__(self):
        super().__init__()
        self.token = nn.Parameter(torch.randn(1, 1, 8) * 0.02)
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.gain = nn.Parameter(torch.full((8,), 1e-6))
        self.norm, self.head = nn.LayerNorm(8), nn.Linear(8, 4)
        nn.init.normal_(self.head.weight, std=0.02)

    def forward(self, inputs):
        token = self.token.expand(len(inputs), -1, -1)
        read = self.attention(token, inputs, inputs, need_weights=False)[0]
        return self.head(self.norm(token + self.gain * read)[:, 0])


@model
def token_behind_gains_close_to_zero():
    return {"net": ReadsItsToken(), "test_inputs": torch.randn(4, 5, 8), "output_shape": (4, 4)}


@model
def two_values_normalised_twice():
    """Of two samples and one position the mean is 0 behind a normalisation without an offset."""
    net = nn.Sequential(
        nn.Conv2d(3, 6, 4),
        nn.BatchNorm2d(6),
        nn.Conv2d(6, 6, 1, groups=6, bias=False),
        nn.BatchNorm2d(6),
        nn.Flatten(),
        nn.ReLU(),
        nn.Linear(6, 4),
    )
    return {"net": net, "test_inputs": torch.randn(4, 3, 4, 4), "output_shape": (4, 4)}
