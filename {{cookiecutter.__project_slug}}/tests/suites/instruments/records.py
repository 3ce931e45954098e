# SPDX-License-Identifier: MIT
"""Summaries of what a net computes, small enough for a file that is read by people."""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn

from .formula import input_by_formula, summary
from .hooks import observing
from .nested import is_number, named_tensors, replaced


def recorded_names(net: nn.Module) -> dict[str, dict[str, list[int]]]:
    return {
        "parameters": {name: list(p.shape) for name, p in net.named_parameters()},
        "buffers": {name: list(b.shape) for name, b in net.named_buffers()},
    }


def recorded_inputs(inputs: Any) -> dict[str, dict]:
    """By name: lowest and highest value of numbers, all values of tokens, lengths and masks."""
    found: dict[str, dict] = {}
    for name, tensor in named_tensors(inputs):
        kept: dict[str, Any] = {"shape": list(tensor.shape)}
        if tensor.is_floating_point() and tensor.isfinite().all():
            bounds = tensor.min().item(), tensor.max().item()
            kept["range"] = [float(f"{bound:.4g}") for bound in bounds]
        else:
            kept["values"] = tensor.tolist()
        found[name] = kept
    return found


def restored_inputs(inputs: Any, recorded: dict[str, dict]) -> Any:
    """Inputs of the same shapes, by formula or as they were recorded."""

    def restore(name: str, tensor: Tensor) -> Tensor:
        if "range" in recorded[name]:
            return input_by_formula(name, tensor, *recorded[name]["range"])
        return torch.tensor(recorded[name]["values"], dtype=tensor.dtype)

    return replaced(inputs, [restore(*named) for named in named_tensors(inputs)])


def recorded_calls(
    layers: Iterable[tuple[str, nn.Module]], function: Callable[[Any], list[Tensor]], inputs: Any
) -> list[dict]:
    """Name, type and summaries of inputs and outputs of every call of a layer.

    The last entry, with the name "", holds those of the outputs of the function itself.
    """
    calls: list[dict] = []

    def note(name: str, kind: str, inputs: list[Tensor], outputs: list[Tensor]):
        kept = {"inputs": summaries(inputs), "outputs": summaries(outputs)}
        calls.append({"name": name, "type": kind, **kept})

    with observing(layers, lambda c: note(c.name, type(c.module).__name__, c.inputs, c.outputs)):
        outputs = function(inputs)
    note("", "", [], outputs)
    return calls


def summaries(tensors: list[Tensor]) -> list[list[float]]:
    return [summary(tensor) for tensor in tensors if is_number(tensor)]


def agree(old: list[list[float]], new: list[list[float]], tolerance: float) -> bool:
    """Whether all summaries are the same, up to rounding in sums of another order."""
    return len(old) == len(new) and all(
        abs(a - b) <= tolerance * max(abs(before[0]), 1e-12)
        for before, after in zip(old, new, strict=True)
        for a, b in zip(before, after, strict=True)
    )
