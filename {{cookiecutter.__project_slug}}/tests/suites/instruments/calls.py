# SPDX-License-Identifier: MIT
"""How the suites call a model: with a seed, and without leaving a trace."""

import sys
from collections.abc import Callable
from contextlib import nullcontext

import torch
from torch import Tensor

from .nested import tensors_in
from .seeds import seeded


def computed(function: Callable, inputs, seed: int = 0) -> list[Tensor]:
    """All tensors that a function returns, computed with a seed, without gradients."""
    with seeded(seed), torch.no_grad(), eager():
        return tensors_in(function(inputs))


def propagate(outputs: list[Tensor], seed: int = 0):
    """Computes the gradients of a random projection of outputs; a scalar is a loss and stays one.

    Not of the sum or mean of the outputs, which is constant behind a softmax or LayerNorm. Not
    autograd.grad: re-entrant gradient checkpointing allows backward only.
    """
    with seeded(seed), eager():
        torch.autograd.backward(outputs, random_upstream(outputs))


def random_upstream(outputs: list[Tensor]) -> list[Tensor]:
    return [torch.randn_like(o) if o.dim() else torch.ones_like(o) for o in outputs]


def draws_random_numbers(function: Callable, inputs) -> bool:
    """Whether a function leaves torch's generator in another state."""
    with seeded(0), torch.no_grad(), eager():
        before = torch.get_rng_state()
        function(inputs)
        return not torch.equal(before, torch.get_rng_state())


def eager():
    """Runs submodules that were compiled as they were before."""
    if "torch._dynamo" not in sys.modules:  # nothing is compiled, and importing it takes seconds
        return nullcontext()
    return torch.compiler.set_stance("force_eager")
