"""Copies of a net, which a test may move, train and change."""

import copy
from collections import OrderedDict

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from .seeds import seeded

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
                parameter.add_(noise_like(parameter) * size * scale_of(parameter))
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
    size = parameter.abs().square().mean().sqrt().item()
    usual = (parameter[0].numel() if parameter.dim() > 1 else 10) ** -0.5
    return size if size > usual / 100 else usual
