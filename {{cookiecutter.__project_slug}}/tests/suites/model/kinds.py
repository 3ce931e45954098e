# SPDX-License-Identifier: MIT
"""Kinds of modules that the checks tell apart."""

from collections.abc import Iterator

from torch import nn
from torch.nn.modules.batchnorm import _NormBase
from torch.nn.modules.dropout import _DropoutNd

# Layers that drop single values or channels at random.
DROPOUTS = (_DropoutNd,)

# Layers whose outputs are sums of their inputs times weights.
WEIGHTED = (
    nn.Linear,
    nn.Conv1d,
    nn.Conv2d,
    nn.Conv3d,
    nn.ConvTranspose1d,
    nn.ConvTranspose2d,
    nn.ConvTranspose3d,
)

# Layers without weights that forward() need not call: their settings are read by a functional
# attention, the loss or the user applies them, or they stand where others have something else.
PASSIVE = (_DropoutNd, nn.Identity, nn.Softmax, nn.LogSoftmax, nn.Softmax2d, nn.Sigmoid)

ACTIVATIONS = (
    *(nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.ELU, nn.CELU, nn.SELU, nn.GELU, nn.SiLU, nn.Mish),
    *(nn.Tanh, nn.Hardtanh, nn.Hardswish, nn.Softplus, nn.GLU),
)

# They hold modules or parameters and are not called themselves.
CONTAINERS = (nn.ModuleList, nn.ModuleDict, nn.Sequential, nn.ParameterList, nn.ParameterDict)


def is_random_or_statistical(module: nn.Module) -> bool:
    """Whether training and eval mode may differ in a module itself.

    By type, also where it has children, as a normalisation with an activation in it; a module of
    another type is taken for one if it has no children: dropout of somebody else's.
    """
    is_known = isinstance(module, (_NormBase, _DropoutNd))  # batch and instance normalisation
    return is_known or not any(True for _ in module.children())


def leaves(net: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """Name and module of all modules without submodules, but for empty containers."""
    for name, module in net.named_modules():
        is_leaf = not any(True for _ in module.children())
        if is_leaf and module is not net and not isinstance(module, CONTAINERS):
            yield name, module
