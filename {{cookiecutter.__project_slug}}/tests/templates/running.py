"""How the suites run a model: on a copy, with a seed, and without leaving a trace."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seeds torch's global generators and restores them (on the CPU and CUDA) afterwards."""
    cuda_devices = range(torch.cuda.device_count()) if torch.cuda.is_available() else []
    with torch.random.fork_rng(cuda_devices):
        torch.manual_seed(seed)
        yield


def copy_of(net: nn.Module) -> nn.Module:
    """A copy that a test may move, train and switch between modes; its gradients are cleared."""
    net = copy.deepcopy(net)
    net.zero_grad(set_to_none=True)
    return net


def tensors_in(value) -> list[Tensor]:
    """All tensors in a tensor or in nested tuples, lists and dicts of tensors, in order."""
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, tuple | list):
        return []
    return [tensor for item in value for tensor in tensors_in(item)]


def accelerators() -> list[str]:
    """The kind of accelerator that this machine has, if any: cuda, mps, xpu, ..."""
    if not torch.accelerator.is_available():
        return []
    return [torch.accelerator.current_accelerator().type]
