# SPDX-License-Identifier: MIT
"""Where the inputs of a model become numbers that have a gradient."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from .nested import is_number, named_tensors, replaced, tensors_in
from .samples import Axis


@dataclass
class Source:
    """A tensor that has a gradient once something was propagated."""

    name: str  # of the input, or of the module that embeds it
    tensor: Tensor
    leaf: Tensor  # of the graph that leads to it; it lives as long as the graph does
    axis: Axis  # of the batch
    embedded: bool = False

    def gradient(self) -> Tensor:
        """(batch, ...), one value for each element of a sample; for tokens, one for each token."""
        gradient = self.tensor.grad
        gradient = torch.zeros_like(self.tensor) if gradient is None else gradient
        if self.axis is not None:
            gradient = gradient.movedim(self.axis, 0)
        if self.embedded and gradient.dim() > 2:
            return gradient.abs().sum(dim=-1)
        return gradient


class Sources:
    """Inputs whose gradients are wanted: floats themselves, integers where they are embedded.

    Call the net on `inputs` under `watching(net)`; then all sources are in `found`.
    """

    def __init__(self, inputs, axes: list[Axis]):
        self.found: list[Source] = []
        self.integers: list[tuple[Tensor, int]] = []
        passed = []
        for (name, tensor), axis in zip(named_tensors(inputs), axes, strict=True):
            if is_number(tensor):
                leaf = tensor.detach().clone().requires_grad_()
                self.found.append(Source(name, leaf, leaf, axis))
                tensor = leaf.clone()  # which a model may change in place
            elif axis is not None and tensor.dtype is not torch.bool:
                self.integers.append((tensor, axis))
            passed.append(tensor)
        self.inputs = replaced(inputs, passed)

    def clear(self):
        """Forgets the gradients of an earlier backward pass."""
        for source in self.found:
            source.tensor.grad = None

    @contextmanager
    def watching(self, net: nn.Module) -> Iterator[None]:
        names = {module: name for name, module in net.named_modules()}

        def watch(module: nn.Module, args: tuple, kwargs: dict, output):
            for tensor in tensors_in([args, kwargs]) if isinstance(output, Tensor) else []:
                axis = self.axis_of(tensor)
                if axis is None or not is_number(output) or output.dim() <= axis:
                    continue
                if output.shape[axis] == tensor.shape[axis]:  # unlike a table of positions
                    return self.note(names[module], output, axis)
            return None

        leaves = [module for module in names if not any(True for _ in module.children())]
        hooks = [m.register_forward_hook(watch, with_kwargs=True) for m in leaves]
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()

    def axis_of(self, tensor: Tensor) -> Axis:
        """The batch axis of a tensor that holds the integers of an input, in their shape or not."""
        if is_number(tensor) or tensor.dtype is torch.bool:
            return None
        for integers, axis in self.integers:
            if integers.dim() == 2 and tensor.equal(integers.T) and not tensor.equal(integers):
                return 1 - axis  # sequence first, inside the model
            if tensor.shape == integers.shape and (tensor.dim() > 1 or tensor.equal(integers)):
                return axis
            # A part of the tokens, or more of them: a table of positions has no such axis.
            fits = tensor.dim() == integers.dim() > 1
            if fits and tensor.shape[axis] == integers.shape[axis]:
                return axis
        return None

    def note(self, name: str, output: Tensor, axis: int) -> Tensor:
        leaf = torch.zeros((), dtype=output.dtype, device=output.device, requires_grad=True)
        output = output + leaf  # it has a gradient even where the embedding is frozen
        output.retain_grad()
        self.found.append(Source(name, output, leaf, axis, embedded=True))
        return output
