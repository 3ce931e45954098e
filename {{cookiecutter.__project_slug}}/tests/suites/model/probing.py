# SPDX-License-Identifier: MIT
"""How the checks run a model: copies of it, in which mode and precision, on which samples."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple
from unittest import mock

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _NormBase

from ..contract import newly_set_up
from ..instruments.calls import computed, eager, propagate
from ..instruments.copies import copy_of, perturbed, uncompiled
from ..instruments.nested import cast, is_mask, is_number, mapped, tensors_in
from ..instruments.samples import Axis, axes_for, taken
from ..instruments.seeds import seeded
from .premises import LARGE, MODEL_ERRORS, ModelPremises, first_line, modes


class Part(NamedTuple):
    """A function of a net that maps a batch to a batch, with the inputs it is tried on."""

    function: Callable  # from inputs to a nesting of tensors
    inputs: Any
    input_axis: Axis | Sequence[Axis] = 0
    output_axis: Axis | Sequence[Axis] = 0

    def outputs(self, inputs=None, seed: int = 0) -> list[Tensor]:
        """Computed with a seed, without gradients."""
        return computed(self.function, self.inputs if inputs is None else inputs, seed)

    def taken(self, indices) -> Any:
        """Some samples of the inputs."""
        return taken(self.inputs, axes_for(tensors_in(self.inputs), self.input_axis), indices)

    def axes(self, outputs: list[Tensor]) -> list[Axis]:
        return axes_for(outputs, self.output_axis)


class ModelProbe(ModelPremises):
    """What all parts of AbstractTestModel share."""

    def copied(self, training: bool = False) -> nn.Module:
        """A copy of the net in a mode; skips where the model does not run at all."""
        self.require_running()
        return copy_of(self.net).train(training)

    def perturbed(self, training: bool = False, size: float = 0.5, seed: int = 0) -> nn.Module:
        """The same with noise on all weights."""
        self.require_running()
        return perturbed(self.net, size, seed).train(training)

    def normalising(self, net: nn.Module) -> nn.Module:
        """A net in eval mode whose normalisation takes the statistics of the batch.

        From a few values per channel, running statistics are no substitute: a factor of n / (n - 1)
        in one layer grows with every layer behind it.
        """
        for module in net.modules():
            if isinstance(module, _NormBase) and module.track_running_stats:
                module.train()
        return net

    def warmed(self, net: nn.Module) -> nn.Module:
        """A net whose running statistics are set to those of the test inputs, in eval mode.

        Those of a new model are 0 and 1, with which a deep one shrinks its signal to nothing.
        """
        layers = [m for m in net.modules() if isinstance(m, _NormBase) and m.track_running_stats]
        momenta = [layer.momentum for layer in layers]
        for layer in layers:
            layer.train().momentum = 1.0
        if layers:
            self.computed(net)
        for layer, momentum in zip(layers, momenta, strict=True):
            layer.eval().momentum = momentum
        return net

    def forward(self, net: nn.Module, inputs=None) -> list[Tensor]:
        """The outputs for inputs, or for the test inputs, with gradients if those are on."""
        return self.outputs_of(self.call(net, self.test_inputs if inputs is None else inputs))

    def computed(self, net: nn.Module, inputs=None, seed: int = 0) -> list[Tensor]:
        """The outputs, computed with a seed, without gradients."""
        return computed(partial(self.forward, net), inputs, seed)

    def learning(self, net: nn.Module, inputs=None, seed: int = 0) -> list[Tensor]:
        """The outputs and losses that have a gradient, with a seed; fails where none has."""
        return self.differentiable(self.results(net, inputs, seed))

    def results(self, net: nn.Module, inputs=None, seed: int = 0) -> list[Tensor]:
        """The outputs and losses, computed with a seed, with gradients if those are on."""
        with seeded(seed), eager():
            result = self.call(net, self.test_inputs if inputs is None else inputs)
        return [*self.outputs_of(result), *self.losses_of(result)]

    def propagate(self, net: nn.Module, outputs: list[Tensor], seed: int = 0):
        """Backward from outputs of a net; fails where it does in training mode, else skips."""
        try:
            propagate(outputs, seed)
        except RuntimeError as error:
            found = f"backward through {self.net_name()} fails in {modes(net.training)} mode: "
            if not net.training:
                self.skipTest(f"{found}{first_line(error)}")
            self.fail(
                f"{found}{first_line(error)}\nIs a value changed in place that backward needs, or "
                f"a graph kept from an earlier call?"
            )

    def differentiable(self, outputs: list[Tensor]) -> list[Tensor]:
        """The outputs that have a gradient; fails where none has."""
        outputs = [output for output in outputs if output.requires_grad]
        if not outputs:
            self.fail(
                f"No output of {self.net_name()} has a gradient.\n"
                f"Does forward() detach it, use .data or run under torch.no_grad()?"
            )
        return outputs

    def functions(self, net: nn.Module) -> dict[str, Part]:
        """By name, all that maps a batch to a batch without random numbers."""
        inputs, outputs = self.declared_axis("inputs"), self.declared_axis("outputs")
        return {"forward": Part(partial(self.forward, net), self.inputs_for(net), inputs, outputs)}

    def few_of(self, part: Part):
        """The inputs of a part: one sample where they are large."""
        elements = sum(tensor.numel() for tensor in tensors_in(part.inputs))
        is_large = self.batch_size() > 1 and elements > LARGE * self.batch_size()
        return part.taken([0]) if is_large else part.inputs

    # Precisions

    def inputs_for(self, net: nn.Module):
        """The test inputs, in the precision of a net."""
        types = [p.dtype for p in net.parameters() if p.is_floating_point()]
        return cast(self.test_inputs, types[0]) if types else self.test_inputs

    def net_in_double_precision(self) -> nn.Module:
        """A copy with a little noise on its weights, in eval mode; skips where float64 fails."""
        net = self.most_precise_net()
        self.require_real_parameters()
        outputs = [part.outputs() for part in self.functions(net).values()]
        if any(tensor.dtype != torch.float64 for output in outputs for tensor in output):
            self.skipTest(f"{self.net_name()} does not compute in float64.")
        return net

    def most_precise_net(self) -> nn.Module:
        """The same, in float64 if the model runs in it, else in the precision it has."""
        net = self.perturbed().double()
        try:
            for part in self.functions(net).values():
                part.outputs()
        except MODEL_ERRORS:
            return self.perturbed()
        return net

    def redrawn(self, seed: int):
        """Inputs of the same size: random numbers for floats, tokens in another order."""

        def drawn(tensor: Tensor) -> Tensor:
            if tensor.numel() < 2 or is_mask(tensor):
                return tensor
            if is_number(tensor):
                return tensor.mean() + torch.randn_like(tensor) * tensor.std()
            order = torch.randperm(tensor.numel())
            return tensor.flatten()[order].view_as(tensor) if tensor.dim() > 1 else tensor

        with seeded(seed):
            return mapped(drawn, self.test_inputs)

    def newly_built_net(self) -> nn.Module:
        """The net of a second instance of this test case, built by its setUp.

        Skips where both share one net, because it was built in setUpClass or in the class body.
        """
        # A setUp that seeds would draw the same random tensors again, also those not saved.
        with mock.patch.object(torch, "manual_seed"):
            other = newly_set_up(self)
        if other.net is self.net:
            self.skipTest(f"{type(self).__name__}.setUp does not build a new net.")
        return uncompiled(other.net)
