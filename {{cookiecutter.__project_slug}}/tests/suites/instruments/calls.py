"""How the suites call a model: with a seed, and without leaving a trace."""

import sys
from contextlib import nullcontext

import torch
from torch import Tensor

from .seeds import seeded


def tensors_in(value) -> list[Tensor]:
    """All tensors in a tensor or in nested tuples, lists and dicts of tensors, in order."""
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, tuple | list):
        return []
    return [tensor for item in value for tensor in tensors_in(item)]


def call(function, inputs: Tensor, seed: int = 0) -> list[Tensor]:
    """All tensors that a model or function returns, computed with a seed, without gradients."""
    with seeded(seed), torch.no_grad(), eager():
        return tensors_in(function(inputs))


def draws_random_numbers(function, inputs: Tensor) -> bool:
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
