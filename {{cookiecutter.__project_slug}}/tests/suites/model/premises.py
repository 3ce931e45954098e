# SPDX-License-Identifier: MIT
"""What the checks of a model take for granted, and who says so where it does not hold."""

import torch
from torch import nn
from torch.nn.modules.batchnorm import _NormBase

from ..instruments.comparing import same
from ..instruments.copies import copy_of
from ..instruments.nested import is_number, shapes_of, tensors_in
from ..instruments.samples import Axis, axes_for, sizes_along, taken
from .contract import ModelContract
from .observation import Observation, observe

# The test that says why a model cannot be run at all; the others are skipped then.
PREMISE = "test_runs_in_both_modes"

# What a model raises where it does not take what it is given. Tests fail with AssertionError.
MODEL_ERRORS = (RuntimeError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError)

# Elements of a sample from which on one sample does for some checks, as of 224 x 224 pixels.
LARGE = 100_000


class ModelPremises(ModelContract):
    """A model that runs on its test inputs, which are a batch."""

    # Of a class, found where they are first asked for.
    known_obstacle: str
    observations: dict[bool, Observation]

    # Samples

    def declared_axis(self, side: str) -> Axis | list[Axis]:
        """The batch axis of the inputs or outputs."""
        axis = self.batch_axis
        return axis.get(side, 0) if isinstance(axis, dict) else axis

    def input_axes(self) -> list[Axis]:
        """The batch axis of each tensor of the test inputs."""
        return axes_for(tensors_in(self.test_inputs), self.declared_axis("inputs"))

    def output_axes(self, outputs: list[torch.Tensor]) -> list[Axis]:
        return axes_for(outputs, self.declared_axis("outputs"))

    def batch_size(self) -> int:
        """The number of samples in the test inputs; 0 where there is no batch."""
        sizes = sizes_along(tensors_in(self.test_inputs), self.input_axes())
        return sizes[0] if sizes else 0

    def samples(self, indices, inputs=None):
        """Some samples of inputs, or of the test inputs."""
        inputs = self.test_inputs if inputs is None else inputs
        return taken(inputs, self.input_axes(), indices)

    def two_samples(self):
        """The first and the last sample, for checks to which their number does not matter."""
        size = self.batch_size()
        return self.samples([0, size - 1]) if size > 2 else self.test_inputs

    def few_samples(self, of=None):
        """The first sample where samples are large, for checks in eval mode that need no more.

        Else two samples, or those that are given.
        """
        if self.has_large_samples():
            return self.samples([0])
        return self.two_samples() if of is None else of

    def few_of_inputs(self, inputs):
        """The first sample of inputs like the test inputs where samples are large, else all."""
        return self.samples([0], inputs) if self.has_large_samples() else inputs

    def has_large_samples(self) -> bool:
        elements = sum(tensor.numel() for tensor in tensors_in(self.test_inputs))
        return self.batch_size() > 1 and elements > LARGE * self.batch_size()

    def training_samples(self):
        """The same for training mode: where a batch is normalised, it is all samples."""
        has_statistics = any(isinstance(module, _NormBase) for module in self.net.modules())
        return self.test_inputs if has_statistics else self.few_samples(of=self.test_inputs)

    # Whether the model runs at all

    def require_running(self):
        """Skips where the model does not run on its test inputs; PREMISE says so, once."""
        if self.obstacle():
            self.skipTest(f"{self.net_name()} does not run on test_inputs: see {PREMISE}.")

    def obstacle(self) -> str:
        """Why the model cannot be run at all, found once for a class; empty where it can."""
        case = type(self)
        if "known_obstacle" not in vars(case):
            case.observations = {}
            case.known_obstacle = self.obstacle_in_inputs() or self.obstacle_in_runs()
        return case.known_obstacle

    def observed(self, training: bool) -> Observation:
        """What a forward pass in a mode does, observed once for a class."""
        self.require_running()
        return type(self).observations[training]

    def obstacle_in_inputs(self) -> str:
        if not tensors_in(self.test_inputs):
            return f"{type(self).__name__}.test_inputs holds no tensor."
        sizes = set(sizes_along(tensors_in(self.test_inputs), self.input_axes()))
        if len(sizes) > 1:
            return (
                f"{type(self).__name__}.test_inputs ({shapes_of(self.test_inputs)}) differ in the "
                f"number of samples.\nWhere one has no batch axis, or another one, declare "
                'batch_axis = {"inputs": [0, None], "outputs": 0}.'
            )
        return ""

    def obstacle_in_runs(self) -> str:
        try:
            net = copy_of(self.net)
        except AssertionError as error:  # a sentence of copy_of
            return str(error)
        except Exception as error:
            return (
                f"{self.net_name()} cannot be copied: {said_by(error)}\nDoes it hold a lock, a "
                f"file or a generator? The tests run copies, so that none sees what another did."
            )
        return self.obstacle_in_mode(net, True) or self.obstacle_in_mode(net, False)

    def obstacle_in_mode(self, net: nn.Module, mode: bool) -> str:
        try:
            net.train(mode)
        except Exception as error:
            return (
                f"{self.net_name()} cannot be set to {modes(mode)} mode: "
                f"{said_by(error)}\nIs train() overridden with other arguments? Every "
                f"nn.Module has train(mode=True)."
            )
        try:
            seen = observe(self.call, net, self.test_inputs)
        except Exception as error:
            return (
                f"{self.net_name()} does not run on test_inputs in {modes(mode)} mode: "
                f"{said_by(error)}\nA tuple holds positional arguments, a dict keyword "
                f"arguments; for anything else override call(self, net, inputs)."
            )
        if seen.built_parameters:
            return (
                f"{self.net_name()}.{seen.built_parameters[0]} is built by the first forward "
                f"pass: an optimizer made before it misses it.\nBuild it in __init__, or call the "
                f"net once in setUp."
            )
        if not any(is_number(tensor) for tensor in tensors_in(seen.result)):
            return (
                f"{self.net_name()} returns {type(seen.result).__name__} with no floating tensor "
                f"in it.\nIs `return` missing? For an object of your own, override outputs_of."
            )
        type(self).observations[mode] = seen
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


def modes(training: bool) -> str:
    return "training" if training else "eval"


def first_line(error: BaseException) -> str:
    """What an error says, without its second thoughts."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


def lacks_kernel(error: Exception) -> bool:
    """Whether torch has no implementation of an operation for a precision or device."""
    return any(text in str(error) for text in ("not implemented for", "Expected mat_a to be"))


def said_by(error: BaseException) -> str:
    """The type of an error and the first line of what it says."""
    return f"{type(error).__name__}: {first_line(error)}"


def is_repeated(inputs, rolled) -> bool:
    """Whether no sample differs from the next one."""
    pairs = zip(tensors_in(inputs), tensors_in(rolled), strict=True)
    return all(same(first, second) for first, second in pairs)
