"""How the suites run a model: on a copy, with a seed, and without leaving a trace."""

import copy
import functools
import random
import sys
import weakref
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

# Added to every seed: a setUp that seeds has most likely taken a small number, and the data that it
# drew would come out again as noise.
OFFSET = 735_219


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seeds torch's global generators and restores them (on the CPU and CUDA) afterwards."""
    seed += OFFSET
    if not accelerators():
        with torch.random.fork_rng([]):
            # torch.manual_seed would note the seed for accelerators as well: a millisecond a call.
            torch.default_generator.manual_seed(seed)
            yield
        return
    with torch.random.fork_rng(range(torch.cuda.device_count())):
        torch.manual_seed(seed)
        yield


@contextmanager
def all_seeded(seed: int) -> Iterator[None]:
    """Seeds the generators of Python and NumPy as well as torch's, and restores them."""
    state, numpy_state = random.getstate(), np.random.get_state()
    random.seed(seed + OFFSET)
    np.random.seed(seed + OFFSET)
    try:
        with seeded(seed):
            yield
    finally:
        random.setstate(state)
        np.random.set_state(numpy_state)


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
    values = [value for module in net.modules() for value in vars(module).values()]
    copies: dict = {
        # Every module has a dozen empty ones, for hooks, and deepcopy is slow at them.
        id(value): OrderedDict()
        for value in values
        if type(value) is OrderedDict and not value
    }
    # A tensor that was computed, as the weight behind the old torch.nn.utils.weight_norm is, cannot
    # be copied with its history; the next forward pass computes it anew.
    computed = [value for value in values if isinstance(value, Tensor) and not value.is_leaf]
    copies.update({id(tensor): tensor.detach().clone() for tensor in computed})
    net = copy.deepcopy(net, copies)
    net.zero_grad(set_to_none=True)
    return net


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
                parameter += torch.randn_like(parameter) * size * scale_of(parameter)
    return net


def scale_of(parameter: Tensor) -> float:
    """The size of the values of a parameter; of one that is zero or nearly so, a usual size."""
    size = parameter.abs().square().mean().sqrt().item()
    usual = (parameter[0].numel() if parameter.dim() > 1 else 10) ** -0.5
    return size if size > usual / 100 else usual


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


def all_close(first: list[Tensor], second: list[Tensor]) -> bool:
    """Whether two lists hold the same tensors, up to the rounding of different kernels.

    Matrix products of other batch sizes, and the fused kernels of eval mode, add up in another
    order: a few units in the last place of float32. NaN is not close to NaN.
    """
    return len(first) == len(second) and all(
        a.shape == b.shape and torch.allclose(a, b, rtol=1e-4, atol=1e-5)
        for a, b in zip(first, second, strict=True)
    )


def count_alive(references: list[weakref.ref]) -> int:
    return sum(reference() is not None for reference in references)


def rms(values: Tensor) -> float:
    """Root of the mean square."""
    return values.detach().double().square().mean().sqrt().item()


@functools.cache
def accelerators() -> list[str]:
    """The kind of accelerator that this machine has, if any: cuda, mps, xpu, ..."""
    if not torch.accelerator.is_available():
        return []
    accelerator = torch.accelerator.current_accelerator()
    return [accelerator.type] if accelerator else []
