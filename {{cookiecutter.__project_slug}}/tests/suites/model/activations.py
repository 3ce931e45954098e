# SPDX-License-Identifier: MIT
"""The activations of a new model: alive, of a usual size, and not all equal."""

import torch
from torch import Tensor, nn

from ..instruments.comparing import rms
from ..instruments.hooks import Call, observing
from ..instruments.nested import is_number, tensors_in
from .kinds import WEIGHTED, leaves
from .probing import ModelProbe


class ActivationTests(ModelProbe):
    """Tests of how a model starts. Part of AbstractTestModel."""

    def test_initial_activations_are_alive(self):
        """No layer of a new model is dead, blows up its inputs or has units that are all equal."""
        self.require_fresh_initialisation()
        net = self.normalising(self.copied())
        calls: list[Call] = []
        with observing(leaves(net), calls.append):
            results = self.computed(net)
        sizes = [rms(tensor) for tensor in tensors_in(self.test_inputs) if is_number(tensor)]
        scale = max(1.0, *sizes, 1.0)
        for call in calls:
            if call.outputs and can_be_read(call.outputs[0]):
                self.check_activations(call, call.outputs[0], scale, results)

    def check_activations(self, call: Call, output: Tensor, scale: float, results: list[Tensor]):
        place = f"{self.net_name()}.{call.name} ({type(call.module).__name__})"
        inputs = [tensor for tensor in call.inputs if can_be_read(tensor)]
        if rms(output) > 100 * scale:
            self.fail(
                f"{place} returns values around {rms(output):.2g} in a new model, for inputs "
                f"of the model around {scale:.2g}.\nAre its initial weights far too large?"
            )
        if starts_at_zero(call.module) or not varies(inputs):
            return
        is_weighted = isinstance(call.module, WEIGHTED)
        is_head = any(output is result for result in results)  # nothing lies behind it
        if is_weighted and not is_head and rms(output) < 1e-3 * rms(inputs[0]):
            self.fail(
                f"{place} returns values around {rms(output):.2g} in a new model, for inputs "
                f"around {rms(inputs[0]):.2g}.\nAre its initial weights far too small? What "
                f"lies behind it gets no signal."
            )
        # Where windows are padded, most of the inputs are the same for every sample as well.
        threshold = 1 - 0.1 * (1 - min(map(dead_part, inputs)))
        if dead_part(output) > threshold and not is_table(call.module, output):
            self.fail(
                f"{place}: {dead_part(output):.0%} of its units return the same for every "
                f"sample in a new model.\nAre they dead: initial weights or biases far "
                f"off, or an activation behind another one?"
            )
        if is_weighted and units_are_equal(call.module, output):
            self.fail(
                f"{place}: all units return the same in a new model.\nAre the initial weights "
                f"constant? Equal units get equal gradients and stay equal for ever."
            )


def varies(tensors: list[Tensor]) -> bool:
    """Whether the first axis, the batch, shows any difference."""
    return any(len(t) > 1 and not torch.equal(t, t[:1].expand_as(t)) for t in tensors if t.dim())


def can_be_read(tensor: Tensor) -> bool:
    """Whether a tensor holds real numbers, side by side: neither sparse nor nested."""
    return tensor.is_floating_point() and tensor.layout is torch.strided and not tensor.is_nested


def is_one(output: Tensor) -> bool:
    """Whether a softmax had one value to choose from."""
    return bool(output.eq(1).all())


def is_table(module: nn.Module, output: Tensor) -> bool:
    """Whether a layer looks positions up, and may take the size of its inputs only."""
    if isinstance(module, nn.Embedding) or (isinstance(module, nn.Softmax) and is_one(output)):
        return True
    is_torchs = type(module).__module__.startswith("torch.nn.")
    return not is_torchs and not output.eq(output.flatten()[0]).all()


def starts_at_zero(module: nn.Module) -> bool:
    """Whether the weight or gain of a module is zero: the end of a residual branch often is."""
    parameters = module.named_parameters(recurse=False)
    return any(not parameter.any() for name, parameter in parameters if name != "bias")


def dead_part(output: Tensor) -> float:
    """Part of the units that return the same for every sample of the batch."""
    if output.dim() < 2 or len(output) < 2:
        return 0.0
    return (output == output[:1]).all(dim=0).float().mean().item()


def units_are_equal(module: nn.Module, output: Tensor) -> bool:
    """Whether all units of a linear or convolutional layer return the same."""
    units = output.movedim(-1 if isinstance(module, nn.Linear) else 1, 0).flatten(1)
    if len(units) < 2 or not rows_are_equal(units):
        return False
    # Beside a large bias, what small weights make of small inputs is lost in rounding.
    weight = getattr(module, "weight", None)
    if not isinstance(weight, Tensor) or weight.dim() < 2:
        return True
    return rows_are_equal(weight.detach().movedim(int(getattr(module, "transposed", False)), 0))


def rows_are_equal(values: Tensor) -> bool:
    """Up to rounding: a vectorised sum may treat units differently."""
    return bool((values - values[:1]).abs().max() <= 1e-5 * values.abs().max())
