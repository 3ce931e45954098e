# SPDX-License-Identifier: MIT
"""How a trainer calls its model, seen from outside: nothing is put into the model."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from unittest import mock

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _NormBase
from torch.nn.modules.dropout import _DropoutNd

from ..instruments.calls import tensors_in


@dataclass
class Call:
    """One call of the model, or of a part of it that is called by itself."""

    module: nn.Module
    inputs: list[Tensor]
    outputs: list[Tensor]  # while `after` has the call
    training: list[bool]  # of the module and of its dropout and normalisation layers
    with_gradients: bool
    devices: set[str]
    computes_in: torch.dtype  # of autocast, or else of the weights
    has_history: bool = False  # whether an input was computed with a graph


class Calls(list[Call]):
    """Those of a model, and those of modules outside of it that have weights."""

    def __init__(self):
        super().__init__()
        self.others: list[Call] = []


@contextmanager
def observed_calls(
    *models: nn.Module,
    before: Callable[["Call"], None] | None = None,
    after: Callable[["Call"], None] | None = None,
) -> Iterator[Calls]:
    """Notes every call of a model from outside of it; `before` and `after` are called with each."""
    members = {id(module) for model in models for module in model.modules()}
    calls = Calls()
    within = 0
    original = nn.Module.__call__
    noted_other = noting(original, calls.others)

    def noted(module, *arguments, **named):
        nonlocal within
        if within:
            calls[-1].computes_in = autocast_to(calls[-1].devices) or calls[-1].computes_in
            return original(module, *arguments, **named)
        if id(module) not in members:
            return noted_other(module, *arguments, **named)
        call = call_of(module, tensors_in([arguments, named]))
        calls.append(call)
        if before is not None:
            before(call)
        within += 1
        try:
            result = original(module, *arguments, **named)
        finally:
            within -= 1
        if after is not None:
            call.outputs = tensors_in(result)
            after(call)
            call.outputs = []  # they hold the graph
        return result

    with mock.patch.object(nn.Module, "__call__", noted):
        yield calls


def noting(original: Callable, calls: list[Call]) -> Callable:
    """The call of a module, which also notes it where it has weights and is in no other such."""
    within = 0

    def noted(module, *arguments, **named):
        nonlocal within
        if not within and next(module.parameters(), None) is not None:
            calls.append(call_of(module, tensors_in([arguments, named])))
        within += 1
        try:
            return original(module, *arguments, **named)
        finally:
            within -= 1

    return noted


def call_of(module: nn.Module, inputs: list[Tensor]) -> Call:
    modes = [module.training] if has_weights(module) or noisy(module) else []
    modes += [part.training for part in module.modules() if noisy(part) and not is_frozen(part)]
    devices = {tensor.device.type for tensor in inputs}
    # What is freed in place later, or moved on, must not change what is noted.
    kept = [tensor.detach().clone() for tensor in inputs]
    precision = autocast_to(devices) or next((p.dtype for p in module.parameters()), torch.float32)
    has_history = any(tensor.grad_fn is not None for tensor in inputs)
    return Call(module, kept, [], modes, torch.is_grad_enabled(), devices, precision, has_history)


def autocast_to(devices: set[str]) -> torch.dtype | None:
    """The precision of autocast, where it is entered: around the model, or within its forward()."""
    for device in devices - {"meta"}:
        if torch.is_autocast_enabled(device):
            return torch.get_autocast_dtype(device)
    return None


def noisy(module: nn.Module) -> bool:
    """Whether a layer computes something else in training: dropout, running statistics."""
    if isinstance(module, _NormBase):
        return module.track_running_stats
    return isinstance(module, _DropoutNd)


def has_weights(module: nn.Module) -> bool:
    """Whether a part has weights, some of which are trained."""
    return any(p.requires_grad for p in module.parameters())


def is_frozen(module: nn.Module) -> bool:
    """Whether a part has weights, none of which is trained: it may stay in evaluation mode."""
    parameters = list(module.parameters())
    return bool(parameters) and not any(p.requires_grad for p in parameters)


def training_calls(calls: list[Call]) -> list[Call]:
    return [call for call in calls if call.with_gradients]
