# SPDX-License-Identifier: MIT
"""Copies of a net, which a test may move, train and change."""

import copy
import functools
from collections import OrderedDict
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from .seeds import seeded

# What a copy shares with its original.
ATOMS = frozenset({type(None), bool, int, float, str, torch.dtype, torch.device})

# Values after which the noise of a large parameter repeats.
PERIOD = 65_537


def copy_of(net: nn.Module) -> nn.Module:
    """A copy that a test may move, train and switch between modes; its gradients are cleared.

    Compiled modules run uncompiled in it: compiling takes seconds, and hides the submodules.
    """
    net = uncompiled(net)
    if any(map(is_lazy, [*net.parameters(), *net.buffers()])):
        raise AssertionError(
            f"{type(net).__name__} has lazy layers, whose weights have no shape before the first "
            f"call.\nCall it once in setUp: self.net(self.test_inputs)."
        )
    # A tensor that was computed, as the weight behind the old torch.nn.utils.weight_norm is, cannot
    # be copied with its history; the next forward pass computes it anew.
    values = [value for module in net.modules() for value in vars(module).values()]
    tensors = [v for v in values if type(v) not in ATOMS and isinstance(v, Tensor)]
    computed = [tensor for tensor in tensors if not tensor.is_leaf]
    net = deep_copy(net, {id(tensor): tensor.detach().clone() for tensor in computed})
    net.zero_grad(set_to_none=True)
    return net


def deep_copy(value, copies: dict):
    """What copy.deepcopy returns, in a fraction of the time for modules without ways of their own.

    A module has some thirty attributes, most of them flags and empty dicts for hooks.
    """
    kind: Any = type(value)
    if kind in ATOMS or (kind is tuple and all(type(child) in ATOMS for child in value)):
        return value
    if kind in (OrderedDict, set) and not value:  # no hooks, no buffers that are not saved
        return kind()
    if id(value) in copies:
        return copies[id(value)]
    is_module = isinstance(value, nn.Module) and has_plain_state(kind)
    if not is_module and kind not in (dict, OrderedDict):
        return copy.deepcopy(value, copies)
    copied = copies[id(value)] = kind.__new__(kind)
    source, target = (vars(value), vars(copied)) if is_module else (value, copied)
    for name, child in source.items():
        name = name if type(name) is str else deep_copy(name, copies)
        target[name] = child if type(child) in ATOMS else deep_copy(child, copies)
    if is_module:
        target.pop("_compiled_call_impl", None)  # which __getstate__ leaves out
    return copied


@functools.lru_cache(maxsize=1000)
def has_plain_state(kind: type[nn.Module]) -> bool:
    """Whether a kind of module is copied by its attributes alone, as deepcopy would copy it.

    PyTorch's own __setstate__ add what modules saved by older versions lack.
    """
    is_adapted = getattr(kind, "__deepcopy__", None) or any(
        "__slots__" in vars(c) for c in kind.mro()
    )
    is_plain = kind.__reduce_ex__ is object.__reduce_ex__ and kind.__reduce__ is object.__reduce__
    saves_all = kind.__getstate__ is nn.Module.__getstate__
    loads_all = kind.__setstate__.__module__.startswith("torch.nn.modules.")
    return is_plain and saves_all and loads_all and not is_adapted


def uncompiled(net: nn.Module) -> nn.Module:
    """The module that torch.compile was given, where it returned a new one around it."""
    return getattr(net, "_orig_mod", net)


def perturbed(net: nn.Module, size: float = 0.5, seed: int = 0) -> nn.Module:
    """A copy with noise on all weights, of `size` times their own size.

    A layer that starts at or close to zero, as the last one of a residual branch often does, hides
    what lies behind it. With the noise it shows what the structure of a model lets through.
    """
    net = copy_of(net)
    with seeded(seed), torch.no_grad():
        for parameter in net.parameters():
            if parameter.is_floating_point() or parameter.is_complex():
                parameter.add_(noise_like(parameter), alpha=size * scale_of(parameter))
    return net


def noise_like(parameter: Tensor) -> Tensor:
    """Normal noise. In a large parameter it repeats, because a hundred million draws take seconds.

    After a prime number of values: no two rows of a matrix get the same.
    """
    count = parameter.numel()
    if count <= PERIOD:
        return torch.randn_like(parameter)
    noise = torch.randn(PERIOD, dtype=parameter.dtype, device=parameter.device)
    return noise.repeat(-(-count // PERIOD))[:count].view(parameter.shape)


def scale_of(parameter: Tensor) -> float:
    """The size of the values of a parameter; of one that is zero or nearly so, a usual size."""
    size = torch.linalg.vector_norm(parameter).item() / max(parameter.numel(), 1) ** 0.5
    usual = (parameter[0].numel() if parameter.dim() > 1 else 10) ** -0.5
    return size if size > usual / 100 else usual
