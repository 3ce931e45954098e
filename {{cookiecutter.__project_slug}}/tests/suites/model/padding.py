"""Properties of a model of padded sequences: padding changes nothing. Checked where declared."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from ..instruments.calls import tensors_in
from ..instruments.nested import mapped, other_values
from .passes import outputs_of, relative_difference, rounding_of


class PaddingTests:
    """Tests of padding and masks. Part of AbstractTestModel; they skip where nothing is declared.

    What stands for padding in a mask is read off it: at least one sample of test_inputs must be as
    long as the batch, and another one must be shorter.
    """

    # Position or key, among the inputs, of the mask (N, T) or of the lengths (N,).
    padding_mask: int | str | None = None
    # What the first input holds where it is padded, if the net finds its mask from that.
    padding_value: float | None = None
    # Axis of the padded sequence, batch axis included, in inputs and outputs.
    padding_axis: int = 1

    def test_padding_changes_nothing(self):
        """A sample gives the same outputs in a padded batch and alone, cut to its own length."""
        real, net = self.real_steps(), self.most_precise_net()
        batch = self.padded_outputs(net, self.test_inputs)
        for sample, steps in enumerate(positions(real)):
            try:
                alone = self.padded_outputs(net, self.cut_out(sample, steps, real))
            except (RuntimeError, ValueError, IndexError) as error:
                self.skipTest(
                    f"{self.net_name()} does not take a shorter sequence: "
                    f"{' '.join(str(error).split())[:120]}"
                )
            for whole, found in zip(batch, alone, strict=True):
                self.check_same_sample(
                    found[0],
                    self.at_steps(whole[sample], steps, real),
                    f"sample {sample}, of {len(steps)} real steps, alone and padded to "
                    f"{real.shape[1]}",
                    "Is padding pooled, normalised or attended to, or its last step read in "
                    "place of the last real one?",
                )

    def test_masked_inputs_have_no_influence(self):
        """Other values where the mask says padding leave the outputs at real steps alone."""
        if self.padding_mask is None:
            self.skipTest(f"{type(self).__name__}.padding_mask is not declared.")
        real, net, mask = self.real_steps(), self.most_precise_net(), self.mask()

        def refill(tensor: Tensor) -> Tensor:
            if tensor is mask or not self.is_sequence(tensor, real):
                return tensor
            shape = [1] * tensor.dim()
            shape[0], shape[self.padding_axis] = real.shape
            return torch.where(real.view(shape), tensor, other_values(tensor))

        before = self.padded_outputs(net, self.test_inputs)
        after = self.padded_outputs(net, mapped(self.test_inputs, refill))
        for sample, steps in enumerate(positions(real)):
            for old, new in zip(before, after, strict=True):
                self.check_same_sample(
                    self.at_steps(new[sample], steps, real),
                    self.at_steps(old[sample], steps, real),
                    f"sample {sample} when its padding is filled with other values",
                    "Is the mask dropped, inverted, or missing in one layer or branch?",
                )

    def test_order_of_lengths_changes_nothing(self):
        """Samples of several lengths give the same outputs in another order."""
        real, net = self.real_steps(), self.most_precise_net()
        before = self.padded_outputs(net, self.test_inputs)
        for shift in range(1, len(real)):
            try:
                after = self.padded_outputs(net, self.per_sample(lambda t, s=shift: t.roll(s, 0)))
            except (RuntimeError, ValueError, IndexError) as error:
                self.fail(
                    f"{self.net_name()} does not take lengths in another order: "
                    f"{' '.join(str(error).split())[:120]}\nSort them inside, as by "
                    f"pack_padded_sequence(..., enforce_sorted=False)."
                )
            for sample, steps in enumerate(positions(real)):
                for old, new in zip(before, after, strict=True):
                    self.check_same_sample(
                        self.at_steps(new[(sample + shift) % len(real)], steps, real),
                        self.at_steps(old[sample], steps, real),
                        f"sample {sample} when the lengths stand in another order",
                        "Are samples sorted by length, and not put back?",
                    )

    def check_same_sample(self, found: Tensor, expected: Tensor, change: str, cause: str):
        if not relative_difference(found, expected) <= rounding_of(expected):
            self.fail(
                f"{self.net_name()} returns something else for {change}: "
                f"shape {tuple(found.shape)}, mean {found.mean():.4g}; expected "
                f"{tuple(expected.shape)}, {expected.mean():.4g}.\n{cause}"
            )

    def real_steps(self) -> Tensor:
        """(N, T), true where a sample of the test inputs is no padding."""
        if self.padding_mask is None and self.padding_value is None:
            self.skipTest(
                f"Neither padding_mask nor padding_value of {type(self).__name__} is declared."
            )
        real = self.steps_by_value() if self.padding_mask is None else self.steps_by_mask()
        lengths = real.sum(dim=1).tolist()
        if min(lengths) == real.shape[1] or max(lengths) < real.shape[1] or not min(lengths):
            self.fail(
                f"test_inputs have lengths {lengths} in a batch of length {real.shape[1]}.\nThis "
                f"test needs at least one sample of the full length, and a shorter one."
            )
        return real

    def mask(self) -> Tensor:
        several = isinstance(self.test_inputs, tuple | list | dict)
        return self.test_inputs[self.padding_mask] if several else self.test_inputs

    def steps_by_value(self) -> Tensor:
        sequence = tensors_in(self.test_inputs)[0].movedim(self.padding_axis, 1)
        real = sequence != self.padding_value
        return real.flatten(2).any(dim=2) if real.dim() > 2 else real

    def steps_by_mask(self) -> Tensor:
        mask = self.mask()
        if mask.dim() == 1:  # lengths
            others = [t for t in tensors_in(self.test_inputs) if t.dim() > self.padding_axis]
            return torch.arange(others[0].shape[self.padding_axis]) < mask[:, None]
        if mask.dim() != 2:
            self.skipTest(f"A mask of shape {tuple(mask.shape)} is not one of (N, T) or (N,).")
        full = [row for row in mask if (row == row[0]).all()]
        if not full:
            self.fail("No sample of test_inputs is as long as the batch: all masks hide a part.")
        return mask == full[0][0]

    def is_sequence(self, tensor: Tensor, real: Tensor) -> bool:
        axis = self.padding_axis
        return tensor.dim() > axis and (len(tensor), tensor.shape[axis]) == tuple(real.shape)

    def per_sample(self, function: Callable[[Tensor], Tensor]):
        """The test inputs, those changed by a function that have a batch axis."""
        size = len(self.mask() if self.padding_mask is not None else self.steps_by_value())
        return mapped(
            self.test_inputs, lambda t: function(t) if t.dim() and len(t) == size else t
        )

    def cut_out(self, sample: int, steps: Tensor, real: Tensor):
        """A batch of one sample without its padding."""

        def cut(tensor: Tensor) -> Tensor:
            kept = tensor[sample : sample + 1]
            if self.is_sequence(tensor, real):
                kept = kept.index_select(self.padding_axis, steps)
            return kept

        return self.per_sample(cut)

    def at_steps(self, output: Tensor, steps: Tensor, real: Tensor) -> Tensor:
        """The output of one sample at its real steps, or as it is where it has none."""
        axis = self.padding_axis - 1
        timed = output.dim() > axis and output.shape[axis] == real.shape[1]
        return output.index_select(axis, steps) if timed else output

    def padded_outputs(self, net: nn.Module, inputs) -> list[Tensor]:
        types = [p.dtype for p in net.parameters() if p.is_floating_point()]

        def precise(tensor: Tensor) -> Tensor:
            return tensor.to(types[0]) if types and tensor.is_floating_point() else tensor

        return outputs_of(net, mapped(inputs, precise))


def positions(real: Tensor) -> list[Tensor]:
    """The real steps of every sample."""
    return [row.nonzero().flatten() for row in real]
