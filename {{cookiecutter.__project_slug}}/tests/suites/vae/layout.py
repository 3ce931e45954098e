# SPDX-License-Identifier: MIT
"""How the inputs and the latent codes of a VAE are laid out."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from .contract import SAMPLERS


def arguments_of(inputs) -> tuple:
    """The sample (or code), further positional arguments and keyword arguments in inputs."""
    if isinstance(inputs, Mapping):
        (_, first), *named = inputs.items()
        return first, (), dict(named)
    if type(inputs) is tuple:
        return inputs[0], inputs[1:], {}
    return inputs, (), {}


def with_first(inputs, first):
    """Inputs with something else in the place of the sample."""
    if isinstance(inputs, Mapping):
        return {**inputs, next(iter(inputs)): first}
    return (first, *inputs[1:]) if type(inputs) is tuple else first


def sampler_of(net: nn.Module) -> str:
    """The name of the method that draws a latent code."""
    return next((name for name in SAMPLERS if hasattr(net, name)), "sample")


def axis_of_samples(codes: Tensor, mu: Tensor) -> int | None:
    """The axis of several codes a sample; -1 where there is one code, None for another shape."""
    if codes.shape == mu.shape:
        return -1
    # Not along the batch, whose length both have.
    fitting = [axis for axis in (1, 0) if without(codes.shape, axis) == tuple(mu.shape)]
    return next(iter(fitting), None)


def without(shape: torch.Size, axis: int) -> tuple[int, ...]:
    return (*shape[:axis], *shape[axis + 1 :])


def with_batch_axis(log_sigma: Tensor, mu: Tensor) -> Tensor:
    """A log_sigma that is one for all samples, expanded to the shape of mu."""
    if log_sigma.dim() == mu.dim() and len(log_sigma) == len(mu):
        return log_sigma
    return log_sigma.expand_as(mu)


def broadcasts_to(tensor: Tensor, target: Tensor) -> bool:
    """Whether a tensor has the shape of another one, or can be expanded to it."""
    try:
        return torch.broadcast_shapes(tensor.shape, target.shape) == target.shape
    except RuntimeError:
        return False
