# SPDX-License-Identifier: MIT
"""Weights and inputs that are the same on every machine and in every version of PyTorch.

Each value follows from the name of its tensor and its index by integer arithmetic; no generator is
involved, whose numbers may change.
"""

import zlib

import torch
from torch import Tensor, nn

from .nested import is_number


def formula_values(name: str, shape: torch.Size) -> Tensor:
    """Numbers that look like draws from [-1, 1], in float64, of a shape.

    The index is mixed as in integer hash functions: multiplied by an odd number, and shifted right
    onto itself, modulo 2^32.
    """
    index = torch.arange(shape.numel(), dtype=torch.int64)
    mixed = (index * 40503 + zlib.crc32(name.encode())) % 2**32
    for _ in range(3):
        mixed = ((mixed ^ (mixed >> 16)) * 73244475) % 2**32
    return (mixed.double() / 2**31 - 1).reshape(shape)


def fill_by_formula(net: nn.Module):
    """Gives a net weights by formula, of usual sizes, and running statistics that fit.

    A matrix has the variance 1 / fan-in, so that the size of a signal stays about the same from
    layer to layer. Biases are small, gains are close to 1.
    """
    with torch.no_grad():
        for name, parameter in net.named_parameters():
            if is_number(parameter):
                parameter.copy_(usual_values(name, parameter))
        for name, buffer in net.named_buffers():
            if name.endswith(("running_mean", "running_var")):
                buffer.copy_(usual_values(name, buffer))


def usual_values(name: str, tensor: Tensor) -> Tensor:
    values = formula_values(name, tensor.shape)
    if tensor.dim() > 1:
        return values * (3 / max(tensor[0].numel(), 1)) ** 0.5
    around = 0 if name.endswith(("bias", "running_mean")) or "bias" in name else 1
    return around + values / 10


def input_by_formula(name: str, tensor: Tensor, low: float, high: float) -> Tensor:
    """Numbers between low and high in the shape and precision of an input."""
    values = formula_values(f"input {name}", tensor.shape)
    return (low + (values + 1) / 2 * (high - low)).to(tensor.dtype)


def summary(tensor: Tensor) -> list[float]:
    """Root of the mean square, and a projection that depends on the order of the values."""
    values = tensor.detach().double().abs() if tensor.is_complex() else tensor.detach().double()
    if not values.numel():
        return [0.0, 0.0]
    size = values.square().mean().sqrt()
    projection = (values * formula_values("summary", values.shape)).mean() * values.numel() ** 0.5
    return [float(f"{number:.10g}") for number in (size.item(), projection.item())]
