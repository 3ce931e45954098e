# SPDX-License-Identifier: MIT
"""The gradients of a model are those of the function that it computes."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from ..instruments.nested import is_mask, is_number, mapped, replaced, tensors_in
from ..instruments.samples import axes_for, sizes_along
from .premises import LARGE, MODEL_ERRORS, said_by
from .probing import ModelProbe, Part
from .projection import Projection


class NumericalTests(ModelProbe):
    """Tests of backward against finite differences. Part of AbstractTestModel."""

    def test_gradients_equal_numerical_ones(self):
        """The gradients are those of the function computed, along a random direction."""
        self.require_real_parameters()
        net = self.perturbed().double()
        for name, part in self.functions_in_double_precision(net).items():
            for inputs in inputs_of_two_sizes(part):
                with self.subTest(function=name):
                    self.check_gradients(net, name, part.function, inputs)

    def functions_in_double_precision(self, net: nn.Module) -> dict[str, Part]:
        try:
            return self.functions(net)
        except MODEL_ERRORS as error:
            self.skipTest(f"{self.net_name()} does not run in float64: {said_by(error)}")

    def check_gradients(self, net: nn.Module, name: str, function: Callable, inputs):
        """Fails where backward and finite differences disagree.

        A ReLU that switches within the step makes the differences to either side disagree with
        each other, which says nothing about backward: then smaller steps are tried, and after
        those another direction.
        """
        projection = Projection(net, function, inputs)
        if not projection.tensors:
            self.skipTest(f"{self.net_name()}.{name} has neither floating inputs nor parameters.")
        try:
            outputs = projection.outputs()
        except MODEL_ERRORS as error:
            self.skipTest(f"{self.net_name()} does not run in float64: {said_by(error)}")
        if any(output.dtype not in (torch.float64, torch.complex128) for output in outputs):
            self.skipTest(f"{self.net_name()} does not compute in float64.")
        for seed in range(3):
            directions = projection.directions(seed=seed + 1)
            analytical, size = projection.derivative_by_backward(outputs, directions)
            numerical = projection.derivative_by_difference(directions, analytical, size)
            if numerical == analytical:
                return
            if numerical is None:
                outputs = projection.outputs()
                continue
            self.fail(
                f"{self.net_name()}: backward through {name} gives a derivative of "
                f"{analytical:.6g} where finite differences give {numerical:.6g}.\nIs a value "
                f"changed through .data, detached, reversed, or is a backward() written by hand?"
            )
        self.skipTest(f"{self.net_name()}.{name} has a kink or a step wherever it was looked at.")


def inputs_of_two_sizes(part: Part) -> list:
    """Two samples, one of them enlarged: a clamp may act on large values only. Of large ones, one.

    Without a batch axis the whole inputs, once as they are and once enlarged; tokens as they are.
    """
    tensors = tensors_in(part.inputs)
    axes = axes_for(tensors, part.input_axis)
    sizes = sizes_along(tensors, axes)
    if not any(is_number(tensor) for tensor in tensors):
        return [part.taken([0, sizes[0] - 1]) if sizes else part.inputs]
    if not sizes:
        return [part.inputs, mapped(tenfold, part.inputs)]
    is_large = sum(tensor.numel() for tensor in tensors) > LARGE * sizes[0]
    inputs = part.taken([0] if is_large else [0, sizes[0] - 1])
    enlarged = [
        last_enlarged(tensor, axis) if is_number(tensor) and not is_mask(tensor) else tensor
        for tensor, axis in zip(tensors_in(inputs), axes, strict=True)
    ]
    return [replaced(inputs, enlarged)]


def tenfold(tensor: Tensor) -> Tensor:
    return tensor * 10 if is_number(tensor) and not is_mask(tensor) else tensor


def last_enlarged(tensor: Tensor, axis: int | None) -> Tensor:
    """A copy of a tensor of samples, with the last one ten times as large."""
    tensor = tensor.detach().clone()
    if axis is not None:
        tensor.select(axis, -1).mul_(10)
    return tensor
