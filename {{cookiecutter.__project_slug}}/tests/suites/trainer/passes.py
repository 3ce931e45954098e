# SPDX-License-Identifier: MIT
"""Backward passes and optimizer steps, as they are noted."""

from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.optim import Optimizer


@dataclass
class Pass:
    """One backward pass, with what it adds to the gradient of each parameter."""

    loss: float
    dtype: torch.dtype
    scale: float  # by which a GradScaler has enlarged the loss
    gradients: dict[int, Tensor]

    @property
    def overflows(self) -> bool:
        """Whether a GradScaler has found gradients too large, and left the step out."""
        found = self.gradients.values() if self.scale != 1.0 else ()
        return not all(bool(gradient.isfinite().all()) for gradient in found)


@dataclass
class Step:
    """What there was just before an optimizer step. Weights and gradients are flat and joined."""

    optimizer: Optimizer
    name: str
    settings: list[dict]  # of the parameter groups
    parameters: list[Tensor]
    weights: Tensor
    passes: list[Pass]  # since the last step of this optimizer
    latest: int  # how many of them since the last step of any optimizer
    found: Tensor  # the gradient that the optimizer sees
    twin: Optimizer  # a copy of the optimizer, and of its parameters, before its first step
    others: list[Tensor] = field(default_factory=list)
    skipped: bool = False  # by a GradScaler, within the optimizer

    @property
    def losses(self) -> list[float]:
        """What was back-propagated since the last step, on the scale of the loss."""
        return [one.loss / one.scale for one in self.passes]

    @property
    def learning_rate(self) -> float:
        return float(self.settings[0]["lr"])

    def expected(self, first: int = 0) -> Tensor:
        """The gradient of the passes since the last step, from one of them on, not scaled."""
        total = torch.zeros_like(self.found)
        for one in self.passes[first:]:
            added = flat(one.gradients.get(id(p), torch.zeros_like(p)) for p in self.parameters)
            total += added / one.scale
        return total


class Steps(list[Step]):
    """All steps, in order, and all backward passes."""

    def __init__(self):
        super().__init__()
        self.passes: list[Pass] = []


def flat(tensors) -> Tensor:
    """A copy of all values, one after another."""
    return torch.cat([tensor.detach().flatten() for tensor in tensors])


def near(first: Tensor, second: Tensor) -> bool:
    return bool((first - second).norm() < 1e-3 * first.norm())
