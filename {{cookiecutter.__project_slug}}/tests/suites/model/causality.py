# SPDX-License-Identifier: MIT
"""Properties of a model of sequences: time runs forward. They are checked where declared."""

from typing import Any

import torch
from torch import Tensor, nn

from ..instruments.nested import named_tensors, replaced
from ..instruments.values import other_values, relative_difference, rounding_of
from .passes import ModelPasses


class CausalityTests(ModelPasses):
    """Tests of causality. Part of AbstractTestModel; they skip without `causal_axis`."""

    # Axis of time, batch axis included, in the inputs and in the outputs that have as many steps;
    # -1 is the last one of each. An output may depend on the inputs up to its own time only.
    causal_axis: int | None = None
    # Positions or keys of the inputs that run along time, where others have as many steps, such as
    # the source of a translation.
    causal_inputs: tuple[int | str, ...] = ()
    # False where statistics over time are meant in training mode, as those of batch normalisation.
    causal_in_training: bool = True

    def test_no_output_depends_on_later_inputs(self):
        """Along causal_axis, no output depends on later inputs, whatever its time."""
        net, inputs, length = self.causal_premises()
        expected = self.outputs_in_time(net, inputs, length)
        ahead, place = 0, ""
        for start in range(1, length):
            found = self.outputs_in_time(net, self.changed(inputs, start), length)
            earliest = earliest_change(found, expected)
            if start - earliest > ahead:
                ahead = start - earliest
                place = f"at time {earliest} changes with the inputs from time {start} on"
        if ahead:
            cause = (
                "Is the causal mask dropped, inverted or missing in one branch? Is something "
                "pooled, normalised or reversed over time?"
                if ahead > length // 2
                else "Is the mask off by one, or a convolution padded on both sides?"
            )
            self.fail(
                f"{self.net_name()} looks {ahead} of {length} steps ahead, in eval mode: its "
                f"output {place}.\n{cause}"
            )

    def test_outputs_depend_on_earlier_inputs(self):
        """Along causal_axis, outputs depend on earlier inputs."""
        net, inputs, length = self.causal_premises()
        expected = self.outputs_in_time(net, inputs, length)
        # The first steps may have nothing before them that a layer with gaps looks at, as a
        # dilated convolution.
        for time in range(length // 2, length):
            found = self.outputs_in_time(net, self.changed(inputs, 0, time), length)
            pairs = zip(found, expected, strict=True)
            if all(relative_difference(f[time], e[time]) == 0 for f, e in pairs):
                self.fail(
                    f"{self.net_name()}: the output at time {time} of {length} does not depend on "
                    f"any input before it.\nIs the mask inverted or too narrow, or the state reset "
                    f"at every step?"
                )

    def test_training_sees_no_later_inputs(self):
        """Along causal_axis, no output depends on later inputs in training mode either."""
        if self.causal_axis is not None and not self.causal_in_training:
            self.skipTest(f"{type(self).__name__}.causal_in_training is False.")
        net, inputs, length = self.causal_premises()
        net.train()
        expected = self.outputs_in_time(net, inputs, length)
        for start in sorted({1, length // 2, length - 1}):
            found = self.outputs_in_time(net, self.changed(inputs, start), length)
            earliest = earliest_change(found, expected)
            if earliest < start:
                self.fail(
                    f"{self.net_name()}: its output at time {earliest} changes with the inputs "
                    f"from time {start} on, in training mode.\nIs the mask left out there, or are "
                    f"statistics taken over time by {normalisation_in(net)}? If those are meant, "
                    f"declare causal_in_training = False."
                )

    def causal_premises(self) -> tuple[nn.Module, Any, int]:
        """A net, its inputs and their length along time."""
        axis = self.axis_of_time()
        net = self.most_precise_net()
        inputs = self.inputs_for(net)
        along = self.along_time(inputs)
        if not along or next(iter(along.values())).shape[axis] < 2:
            self.fail(
                f"No tensor of test_inputs has two steps along causal_axis {axis}.\n"
                f"It counts the batch axis as well: (batch, time, channels) has the axis 1."
            )
        if all(torch.equal(tensor, other_values(tensor)) for tensor in along.values()):
            self.fail(
                "test_inputs have the same token everywhere.\nThis test replaces tokens by others "
                "among them: it needs two different ones."
            )
        return net, inputs, next(iter(along.values())).shape[axis]

    def axis_of_time(self) -> int:
        if self.causal_axis is None:
            self.skipTest(f"{type(self).__name__}.causal_axis is not declared.")
        return self.causal_axis

    def along_time(self, inputs) -> dict[str, Tensor]:
        """Name and tensor of the inputs that run along time; they have one length."""
        axis = self.axis_of_time()
        names = tuple(map(str, self.causal_inputs))
        found = {
            name: tensor
            for name, tensor in named_tensors(inputs)
            if has_axis(tensor, axis) and (not names or name.split(".")[0] in names)
        }
        lengths = [tensor.shape[axis] for tensor in found.values()]
        return {name: t for name, t in found.items() if t.shape[axis] == lengths[0]}

    def changed(self, inputs, start: int, stop: int | None = None):
        """The inputs with other values at the times from start to stop."""
        along, axis = self.along_time(inputs), self.axis_of_time()

        def change(name: str, tensor: Tensor) -> Tensor:
            if name not in along:
                return tensor
            timed = tensor.movedim(axis, 0).clone()
            other = other_values(tensor).movedim(axis, 0)
            timed[start:stop] = other[start:stop]
            return timed.movedim(0, axis)

        return replaced(inputs, [change(*named) for named in named_tensors(inputs)])

    def outputs_in_time(self, net: nn.Module, inputs, length: int) -> list[Tensor]:
        """The outputs that have as many steps as the inputs, time first."""
        axis = self.axis_of_time()
        found = self.outputs(net, inputs)
        timed = [o.movedim(axis, 0) for o in found if has_axis(o, axis) and o.shape[axis] == length]
        if not timed:
            self.fail(
                f"{self.net_name()} returns shapes {[tuple(o.shape) for o in found]}, none with "
                f"{length} steps along causal_axis {axis}.\nIs that the axis of time in inputs "
                f"and outputs?"
            )
        if not all(output.isfinite().all() for output in timed):
            self.fail(
                f"{self.net_name()} returns values that are not finite.\nDoes the mask hide "
                f"everything from a step, as from the first one where its own input is masked?"
            )
        return timed


def has_axis(tensor: Tensor, axis: int) -> bool:
    return tensor.dim() > 1 and -tensor.dim() <= axis < tensor.dim()


def earliest_change(found: list[Tensor], expected: list[Tensor]) -> int:
    """The first time at which outputs, time first, differ by more than rounding."""
    times = [len(expected[0])]
    for new, old in zip(found, expected, strict=True):
        bound = rounding_of(old) * old.abs().max()
        changed = ((new - old).abs() > bound).flatten(1).any(dim=1)
        times += changed.nonzero().flatten()[:1].tolist()
    return min(times)


def normalisation_in(net: nn.Module) -> str:
    names = [n for n, m in net.named_modules() if n and "norm" in type(m).__name__.lower()]
    return ", ".join(names[:3]) or "hand"
