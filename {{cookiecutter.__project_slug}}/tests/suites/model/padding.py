# SPDX-License-Identifier: MIT
"""Properties of a model of padded sequences: padding changes nothing. Checked where declared."""

from typing import Any

import torch
from torch import Tensor, nn

from ..instruments.nested import named_tensors, replaced
from ..instruments.samples import take
from ..instruments.values import other_values, relative_difference, rounding_of
from .passes import ModelPasses
from .premises import MODEL_ERRORS, said_by


class PaddingTests(ModelPasses):
    """Tests of padding and masks. Part of AbstractTestModel; they skip where nothing is declared.

    What stands for padding in a mask is read off it: at least one sample of test_inputs must be as
    long as the batch, and another one must be shorter.
    """

    # Position or key, among the inputs, of the mask (N, T) or of the lengths (N,).
    padding_mask: int | str | None = None
    # What the first input holds where it is padded, if the net finds its mask from that.
    padding_value: float | None = None
    # Axis of the padded sequence, batch axis included, in the other inputs and in outputs.
    padding_axis: int = 1

    def test_padding_changes_nothing(self):
        """A sample gives the same outputs in a padded batch and alone, cut to its own length."""
        net, inputs, real = self.padding_premises()
        batch = self.outputs(net, inputs)
        for sample, steps in enumerate(positions(real)):
            try:
                alone = self.outputs(net, self.cut_out(inputs, sample, real))
            except MODEL_ERRORS as error:
                self.skipTest(f"{self.net_name()} takes no shorter sequence: {said_by(error)}")
            whole = self.at_steps(batch, sample, steps, real.shape[1])
            self.check_same_sample(
                alone,
                whole,
                f"sample {sample}, with {len(steps)} real steps, alone and in a batch of "
                f"{real.shape[1]} steps",
                "Is padding pooled, normalised or attended to? Is its last step read in place of "
                "the last real one?",
            )

    def test_masked_inputs_have_no_influence(self):
        """Other values where the mask says padding leave the outputs at real steps alone."""
        if self.padding_mask is None:
            self.skipTest(f"{type(self).__name__}.padding_mask is not declared.")
        net, inputs, real = self.padding_premises()
        axes = self.named_axes()

        def refill(name: str, tensor: Tensor) -> Tensor:
            axis, batch_axis = self.time_axis(name, tensor, real.shape[1]), axes[name]
            if axis is None or batch_axis is None or name == str(self.padding_mask):
                return tensor
            mask = real if batch_axis < axis else real.T
            shape = [1 if i not in (axis, batch_axis) else n for i, n in enumerate(tensor.shape)]
            return torch.where(mask.reshape(shape), tensor, other_values(tensor))

        refilled = replaced(inputs, [refill(*named) for named in named_tensors(inputs)])
        before, after = self.outputs(net, inputs), self.outputs(net, refilled)
        for sample, steps in enumerate(positions(real)):
            self.check_same_sample(
                self.at_steps(after, sample, steps, real.shape[1]),
                self.at_steps(before, sample, steps, real.shape[1]),
                f"sample {sample} when its padding holds other values",
                "Is the mask dropped, inverted, or missing in one layer or branch?",
            )

    def test_order_of_lengths_changes_nothing(self):
        """Samples of several lengths give the same outputs in another order."""
        net, inputs, real = self.padding_premises()
        before, size = self.outputs(net, inputs), len(real)
        for shift in range(1, size):
            order = torch.arange(size).roll(shift)
            try:
                after = self.outputs(net, self.samples(order, inputs))
            except MODEL_ERRORS as error:
                self.fail(
                    f"{self.net_name()} does not take lengths in another order: {said_by(error)}\n"
                    f"Let pack_padded_sequence sort them, by enforce_sorted=False."
                )
            for place, sample in enumerate(order.tolist()):
                steps = real[sample].nonzero().flatten()
                self.check_same_sample(
                    self.at_steps(after, place, steps, real.shape[1]),
                    self.at_steps(before, sample, steps, real.shape[1]),
                    f"sample {sample} when the lengths stand in another order",
                    "Are samples sorted by length, and not put back?",
                )

    def check_same_sample(
        self, found: list[Tensor], expected: list[Tensor], change: str, cause: str
    ):
        for new, old in zip(found, expected, strict=True):
            if not relative_difference(new, old) <= rounding_of(old):
                values = (
                    f"values around {new.mean():.4g}, not {old.mean():.4g}"
                    if new.shape == old.shape
                    else f"shape {tuple(new.shape)}, not {tuple(old.shape)}"
                )
                self.fail(f"{self.net_name()} returns {values}, for {change}.\n{cause}")

    def padding_premises(self) -> tuple[nn.Module, Any, Tensor]:
        """A net, its inputs, and (N, T), true where a sample is no padding."""
        if self.padding_mask is None and self.padding_value is None:
            self.skipTest(f"{type(self).__name__}.padding_mask is not declared.")
        self.require_two_samples()
        net = self.most_precise_net()
        inputs = self.inputs_for(net)
        named = dict(named_tensors(inputs))
        real = self.steps_by_mask(named, self.named_axes())
        lengths = real.sum(dim=1).tolist()
        if min(lengths) == real.shape[1] or max(lengths) < real.shape[1] or not min(lengths):
            self.fail(
                f"test_inputs have lengths {lengths} in a batch of length {real.shape[1]}.\nThis "
                f"test needs a sample of the full length, and a shorter one."
            )
        return net, inputs, real

    def steps_by_mask(self, named: dict[str, Tensor], axes: dict[str, int | None]) -> Tensor:
        if self.padding_mask is None:
            name, values = next(iter(named.items()))
            batch_first = values.movedim((axes[name] or 0, self.padding_axis), (0, 1))
            real = torch.ne(batch_first, self.padding_value or 0)
            return real.flatten(2).any(dim=2) if real.dim() > 2 else real
        mask = named.get(str(self.padding_mask))
        if mask is None:
            self.fail(f"padding_mask is {self.padding_mask!r}, but the inputs are {list(named)}.")
        if mask.dim() == 1:  # lengths
            others = [t for t in named.values() if t.dim() > self.padding_axis and t is not mask]
            return torch.arange(others[0].shape[self.padding_axis]) < mask[:, None]
        if mask.dim() != 2:
            self.skipTest(f"A mask of shape {tuple(mask.shape)} is not one of (N, T) or (N,).")
        mask = mask.movedim(axes[str(self.padding_mask)] or 0, 0)
        full = [row[0] for row in mask if (row == row[0]).all()]
        if not full:
            self.fail("No sample of test_inputs is as long as the batch: each mask hides a part.")
        return mask == full[0]

    def named_axes(self) -> dict[str, int | None]:
        """The batch axis of each input, by name."""
        names = [name for name, _ in named_tensors(self.test_inputs)]
        return dict(zip(names, self.input_axes(), strict=True))

    def time_axis(self, name: str, tensor: Tensor, length: int) -> int | None:
        """The axis of the sequence in an input; None where it has none."""
        if name == str(self.padding_mask) and tensor.dim() == 2:
            return 1 - (self.named_axes()[name] or 0)
        fits = tensor.dim() > self.padding_axis and tensor.shape[self.padding_axis] == length
        return self.padding_axis if fits else None

    def cut_out(self, inputs, sample: int, real: Tensor):
        """A batch of one sample without its padding."""
        steps = real[sample].nonzero().flatten()
        kept = self.samples([sample], inputs)
        cut = [
            take(tensor, self.time_axis(name, tensor, real.shape[1]), steps)
            for name, tensor in named_tensors(kept)
        ]
        return replaced(kept, cut)

    def at_steps(self, outputs: list[Tensor], sample: int, steps: Tensor, length: int) -> list:
        """The outputs of one sample at its real steps, or as they are where they have none."""
        found = []
        for output, axis in zip(outputs, self.output_axes(outputs), strict=True):
            timed = output.dim() > self.padding_axis and output.shape[self.padding_axis] == length
            mine = take(output, axis, [sample])
            found.append(take(mine, self.padding_axis if timed else None, steps))
        return found


def positions(real: Tensor) -> list[Tensor]:
    """The real steps of every sample."""
    return [row.nonzero().flatten() for row in real]
