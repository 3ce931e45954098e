"""Residual blocks with gates and with stochastic depth."""

import torch
from torch import nn

from ...varying import model
from ..vae.small import attributes


class Blocks(nn.Module):
    """Residual blocks, of which a subclass changes what they add."""

    def __init__(self, count: int = 6):
        super().__init__()
        blocks = [nn.Sequential(nn.LayerNorm(6), nn.Linear(6, 6), nn.GELU()) for _ in range(count)]
        self.blocks = nn.ModuleList(blocks)
        self.head = nn.Linear(6, 4)

    def forward(self, inputs):
        for number, block in enumerate(self.blocks):
            inputs = inputs + self.added(number, block, inputs)
        return self.head(inputs)

    def added(self, number, block, inputs):
        return block(inputs)


class GatedBlocks(Blocks):
    """With LayerScale: see Touvron et al., "Going deeper with Image Transformers" (2021)."""

    def __init__(self):
        super().__init__()
        self.gates = nn.Parameter(torch.full((6, 6), 1e-4))

    def added(self, number, block, inputs):
        return self.gates[number] * block(inputs)


class DroppedBlocks(Blocks):
    """With stochastic depth: see Huang et al. (2016). In training a block may not be called."""

    def __init__(self, dropped: float):
        super().__init__()
        self.kept = 1 - dropped

    def added(self, number, block, inputs):
        if not self.training:
            return self.kept * block(inputs)
        return block(inputs) if torch.rand(()) < self.kept else torch.zeros_like(inputs)


@model
def gates_close_to_zero():
    return attributes(GatedBlocks(), shape=(6,), output_shape=(4, 4))


@model
def rarely_dropped_blocks():
    return attributes(DroppedBlocks(0.1), shape=(6,), output_shape=(4, 4), optimizer_steps=20)


@model
def often_dropped_blocks():
    return attributes(DroppedBlocks(0.5), shape=(6,), output_shape=(4, 4), optimizer_steps=50)
