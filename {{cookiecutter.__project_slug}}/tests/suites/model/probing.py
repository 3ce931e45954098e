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
from ..instruments.comparing import same
from ..instruments.copies import copy_of, perturbed, uncompiled
from ..instruments.nested import cast, cloned, is_mask, is_number, mapped, shapes_of, tensors_in
from ..instruments.samples import Axis, axes_for, sizes_along, taken
from ..instruments.seeds import seeded
from .contract import ModelContract

# The test that says why a model cannot be run at all; the others are skipped then.
PREMISE = "test_runs_in_both_modes"


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


class ModelProbe(ModelContract):
    """What all parts of AbstractTestModel share."""

    def copied(self, training: bool = False) -> nn.Module:
        """A copy of the net in a mode; skips where the model does not run at all."""
        self.require_running()
        return copy_of(self.net).train(training)

    def perturbed(self, training: bool = False, size: float = 0.5, seed: int = 0) -> nn.Module:
        """The same with noise on all weights."""
        self.require_running()
        return perturbed(self.net, size, seed).train(training)

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
        with seeded(seed), eager():
            result = self.call(net, self.test_inputs if inputs is None else inputs)
        return self.differentiable([*self.outputs_of(result), *self.losses_of(result)])

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
        except RuntimeError:
            return self.perturbed()
        return net

    # Samples

    def declared_axis(self, side: str) -> Axis | list[Axis]:
        """The batch axis of the inputs or outputs."""
        axis = self.batch_axis
        return axis.get(side, 0) if isinstance(axis, dict) else axis

    def input_axes(self) -> list[Axis]:
        """The batch axis of each tensor of the test inputs."""
        return axes_for(tensors_in(self.test_inputs), self.declared_axis("inputs"))

    def output_axes(self, outputs: list[Tensor]) -> list[Axis]:
        return axes_for(outputs, self.declared_axis("outputs"))

    def batch_size(self) -> int:
        """The number of samples in the test inputs; 0 where there is no batch."""
        sizes = sizes_along(tensors_in(self.test_inputs), self.input_axes())
        return sizes[0] if sizes else 0

    def samples(self, indices, inputs=None):
        """Some samples of inputs, or of the test inputs."""
        inputs = self.test_inputs if inputs is None else inputs
        return taken(inputs, self.input_axes(), indices)

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

    # Premises

    def require_running(self):
        """Skips where the model does not run on its test inputs; PREMISE says so, once."""
        if self.obstacle():
            self.skipTest(f"{self.net_name()} does not run on test_inputs: see {PREMISE}.")

    def obstacle(self) -> str:
        """Why the model cannot be run at all, found once for a class; empty where it can."""
        case = type(self)
        if "known_obstacle" not in vars(case):
            case.known_obstacle = self.find_obstacle()
        return case.known_obstacle

    def find_obstacle(self) -> str:
        if not tensors_in(self.test_inputs):
            return f"{type(self).__name__}.test_inputs holds no tensor."
        sizes = set(sizes_along(tensors_in(self.test_inputs), self.input_axes()))
        if len(sizes) > 1:
            return (
                f"{type(self).__name__}.test_inputs ({shapes_of(self.test_inputs)}) differ in the "
                f"number of samples.\nWhere one has no batch axis, or another one, declare "
                f'batch_axis = {{"inputs": [0, None], "outputs": 0}}.'
            )
        return self.obstacle_in_mode(True) or self.obstacle_in_mode(False)

    def obstacle_in_mode(self, mode: bool) -> str:
        found = f"{self.net_name()} does not run on test_inputs in {modes(mode)} mode: "
        try:
            net = copy_of(self.net)
            net.train(mode)
        except AssertionError as error:  # a sentence of copy_of
            return str(error)
        except Exception as error:
            return (
                f"{self.net_name()} cannot be copied and set to {modes(mode)} mode: "
                f"{said_by(error)}\nIs train() overridden with other arguments? Every "
                f"nn.Module has train(mode=True)."
            )
        try:
            names = {name for name, _ in net.named_parameters()}
            with seeded(0), torch.no_grad(), eager():
                result = self.call(net, cloned(self.test_inputs))
            built = [name for name, _ in net.named_parameters() if name not in names]
        except Exception as error:
            return (
                f"{found}{said_by(error)}\nA tuple holds positional arguments, a dict keyword "
                f"arguments; for anything else override call(self, net, inputs)."
            )
        if built:
            return (
                f"{self.net_name()}.{built[0]} is built by the first forward pass: an optimizer "
                f"made before it misses it.\nBuild it in __init__, or call the net once in setUp."
            )
        if not any(is_number(tensor) for tensor in tensors_in(result)):
            return (
                f"{self.net_name()} returns {type(result).__name__} with no floating tensor in "
                f"it.\nIs `return` missing? For an object of your own, override outputs_of."
            )
        return ""

    def require_two_samples(self):
        """Fails where the test inputs are no batch of different samples; skips without a batch."""
        self.require_running()
        if self.declared_axis("inputs") is None:
            self.skipTest(f"{type(self).__name__}.batch_axis is None: there is no batch.")
        size = self.batch_size()
        if size < 2 or is_repeated(self.test_inputs, self.samples(torch.arange(size).roll(1))):
            self.fail(
                f"{type(self).__name__}.test_inputs has {size} samples, and none differs "
                f"from the others.\nThis test needs a batch of at least two different samples."
            )

    def require_floating_inputs(self):
        if not any(is_number(tensor) for tensor in tensors_in(self.test_inputs)):
            found = ", ".join({str(tensor.dtype) for tensor in tensors_in(self.test_inputs)})
            self.skipTest(f"Inputs of type {found} have no gradient.")

    def require_real_parameters(self):
        if any(parameter.is_complex() for parameter in self.net.parameters()):
            self.skipTest(f"double() leaves the complex parameters of {self.net_name()} alone.")

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


def modes(training: bool) -> str:
    return "training" if training else "eval"


def first_line(error: Exception) -> str:
    """What an error says, without its second thoughts."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


def lacks_kernel(error: Exception) -> bool:
    """Whether torch has no implementation of an operation for a precision or device."""
    return any(text in str(error) for text in ("not implemented for", "Expected mat_a to be"))


def said_by(error: Exception) -> str:
    """The type of an error and the first line of what it says."""
    return f"{type(error).__name__}: {first_line(error)}"


def is_repeated(inputs, rolled) -> bool:
    """Whether no sample differs from the next one."""
    pairs = zip(tensors_in(inputs), tensors_in(rolled), strict=True)
    return all(same(first, second) for first, second in pairs)
