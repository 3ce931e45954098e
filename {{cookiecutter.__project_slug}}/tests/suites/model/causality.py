"""Properties of a model of sequences: time runs forward. They are checked where declared."""

import torch
from torch import Tensor, nn

from ..instruments.calls import tensors_in
from ..instruments.nested import mapped, other_values
from .passes import outputs_of, relative_difference, rounding_of


class CausalityTests:
    """Tests of causality. Part of AbstractTestModel; they skip without `causal_axis`."""

    # Axis of time, batch axis included, in the inputs and in the outputs that have as many steps;
    # -1 is the last one of each. An output may depend on the inputs up to its own time only.
    causal_axis: int | None = None
    # Positions or keys of the inputs that run along time, where others, such as the source of a
    # translation, have as many steps.
    causal_inputs: tuple[int | str, ...] = ()
    # False where statistics over time are meant in training mode, as those of batch normalisation.
    causal_in_training: bool = True

    def test_no_output_depends_on_later_inputs(self):
        """Along causal_axis, no output depends on later inputs, whatever its time."""
        net, length = self.causal_net(), self.steps_in_time()
        expected = self.outputs_in_time(net, self.test_inputs, length)
        ahead, place = 0, ""
        for start in range(1, length):
            found = self.outputs_in_time(net, self.replaced(start, length), length)
            earliest = earliest_change(found, expected)
            if earliest < start and start - earliest > ahead:
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
                f"{self.net_name()} looks {ahead} of {length} steps ahead, in eval mode: "
                f"its output {place}.\n{cause}"
            )

    def test_outputs_depend_on_earlier_inputs(self):
        """Along causal_axis, outputs depend on earlier inputs."""
        net, length = self.causal_net(), self.steps_in_time()
        expected = self.outputs_in_time(net, self.test_inputs, length)
        # The first steps may have nothing before them that a layer with gaps, as a dilated
        # convolution, looks at.
        for time in range(length // 2, length):
            found = self.outputs_in_time(net, self.replaced(0, length, stop=time), length)
            pairs = zip(found, expected, strict=True)
            if all(relative_difference(f[time], e[time]) == 0 for f, e in pairs):
                self.fail(
                    f"{self.net_name()}: the output at time {time} of {length} does not depend on "
                    f"any input before it.\nIs the mask inverted or too narrow, or the state "
                    f"reset at every step?"
                )

    def test_training_sees_no_later_inputs(self):
        """Along causal_axis, no output depends on later inputs in training mode either."""
        net, length = self.causal_net().train(), self.steps_in_time()
        if not self.causal_in_training:
            self.skipTest(f"{type(self).__name__}.causal_in_training is False.")
        expected = self.outputs_in_time(net, self.test_inputs, length)
        for start in sorted({1, length // 2, length - 1}):
            found = self.outputs_in_time(net, self.replaced(start, length), length)
            earliest = earliest_change(found, expected)
            if earliest < start:
                self.fail(
                    f"{self.net_name()}: the output at time {earliest} changes with the inputs "
                    f"from time {start} on, in training mode.\nAre statistics taken over time, "
                    f"as by {names_of_normalisation(net)}? If that is meant, set "
                    f"causal_in_training = False."
                )

    def causal_net(self) -> nn.Module:
        if self.causal_axis is None:
            self.skipTest(f"{type(self).__name__}.causal_axis is not declared.")
        return self.most_precise_net()

    def steps_in_time(self) -> int:
        """The length of the inputs along time."""
        found = [t.shape[self.causal_axis] for t in self.tensors_in_time()]
        if not found or found[0] < 2:
            self.fail(
                f"test_inputs have {found[:1] or 'no'} steps along causal_axis "
                f"{self.causal_axis}.\nThis test needs two at least, along the axis of time."
            )
        if all(torch.equal(t, other_values(t)) for t in self.tensors_in_time()):
            self.fail(
                "test_inputs have the same token everywhere.\nThis test replaces tokens by others "
                "among them, and needs two different ones at least."
            )
        return found[0]

    def tensors_in_time(self) -> list[Tensor]:
        inputs = self.test_inputs
        if self.causal_inputs:
            inputs = [inputs[key] for key in self.causal_inputs]
        return [t for t in tensors_in(inputs) if has_axis(t, self.causal_axis)]

    def outputs_in_time(self, net: nn.Module, inputs, length: int) -> list[Tensor]:
        """The outputs that have as many steps as the inputs, time first."""
        precise = mapped(inputs, lambda t: t.to(precision_of(net)) if t.is_floating_point() else t)
        axis = self.causal_axis
        found = outputs_of(net, precise)
        timed = [o.movedim(axis, 0) for o in found if has_axis(o, axis) and o.shape[axis] == length]
        if not timed:
            self.fail(
                f"{self.net_name()} returns shapes {[tuple(o.shape) for o in found]}, none with "
                f"{length} steps along causal_axis {axis}.\nIs it the axis of time in inputs and "
                f"outputs?"
            )
        if not all(output.isfinite().all() for output in timed):
            self.fail(
                f"{self.net_name()} returns values that are not finite.\nDoes the mask hide "
                f"everything from a step, as from the first where its own input is masked?"
            )
        return timed

    def replaced(self, start: int, length: int, stop: int | None = None):
        """The test inputs with other values at the times from start to stop."""
        chosen = {id(tensor) for tensor in self.tensors_in_time()}

        def replace(tensor: Tensor) -> Tensor:
            axis = self.causal_axis
            if id(tensor) not in chosen or tensor.shape[axis] != length:
                return tensor
            steps = slice(start, stop)
            changed = tensor.movedim(axis, 0).clone()
            changed[steps] = other_values(tensor).movedim(axis, 0)[steps]
            return changed.movedim(0, axis)

        return mapped(self.test_inputs, replace)


def has_axis(tensor: Tensor, axis: int) -> bool:
    return -tensor.dim() <= axis < tensor.dim() and tensor.dim() > 1


def precision_of(net: nn.Module) -> torch.dtype:
    types = [p.dtype for p in net.parameters() if p.is_floating_point()]
    return types[0] if types else torch.get_default_dtype()


def earliest_change(found: list[Tensor], expected: list[Tensor]) -> int:
    """The first time at which outputs, time first, differ by more than rounding."""
    times = [len(expected[0])]
    for f, e in zip(found, expected, strict=True):
        bound = rounding_of(e) * e.abs().max()
        changed = ((f - e).abs() > bound).flatten(1).any(dim=1)
        times += changed.nonzero().flatten()[:1].tolist()
    return min(times)


def names_of_normalisation(net: nn.Module) -> str:
    names = [n for n, m in net.named_modules() if "norm" in type(m).__name__.lower()]
    return ", ".join(names[:3]) or "a mean over the whole batch"
