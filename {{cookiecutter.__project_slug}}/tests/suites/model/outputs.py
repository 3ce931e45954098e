# SPDX-License-Identifier: MIT
"""Properties of a model's outputs: that there are some, their shape, range and finite values."""

import math
from collections.abc import Iterator

import torch
from torch import Tensor, nn

from ..instruments.nested import is_mask, is_number, mapped, shapes_of, tensors_in
from ..instruments.seeds import seeded
from .premises import MODEL_ERRORS, said_by
from .probing import ModelProbe


class OutputTests(ModelProbe):
    """Tests of what a model returns. Part of AbstractTestModel."""

    def test_runs_in_both_modes(self):
        """The model runs on its test inputs in training and in eval mode, and returns numbers."""
        if self.obstacle():
            self.fail(self.obstacle())

    def test_output_shape(self):
        """The outputs have the declared shape and finite values."""
        outputs = self.outputs_of(self.observed(training=False).result)
        self.check_finite(outputs, "test_inputs")
        expected = self.expected_output_shapes()
        found = [tuple(output.shape) for output in outputs]
        if found[: len(expected)] != expected:
            self.fail(
                f"{self.net_name()} returns shapes {found} for inputs of shape "
                f"{shapes_of(self.test_inputs)}; expected {expected}.\n"
                f"Is an axis missing, squeezed away or in another place?"
            )

    def expected_output_shapes(self) -> list[tuple[int, ...]]:
        if self.output_shape is None:
            self.skipTest(f"{type(self).__name__}.output_shape is not declared.")
        if isinstance(self.output_shape, list):
            return [tuple(shape) for shape in self.output_shape]
        return [tuple(self.output_shape)]

    def check_finite(self, outputs: list[Tensor], inputs: str):
        if not all(output.isfinite().all() for output in outputs):
            self.fail(
                f"{self.net_name()} returns values that are not finite for {inputs}.\n"
                f"Is there a division by a spread, a logarithm or a root of zero?"
            )

    def test_output_range(self):
        """The outputs stay in the declared range and can come close to both of its ends."""
        if self.output_range is None:
            self.skipTest(f"{type(self).__name__}.output_range is not declared.")
        low, high = self.output_range
        # A sixteenth: an activation that is applied twice, as tanh(tanh(x)), ends at an eighth.
        margin = (high - low) / 16  # infinite where an end is, which need not be come close to
        lowest, highest, overflowed = math.inf, -math.inf, 0
        for outputs in self.ever_larger_outputs():
            if not outputs.isfinite().all():  # so large weights may overflow on the way
                overflowed += 1
                continue
            lowest = min(lowest, outputs.min().item())
            highest = max(highest, outputs.max().item())
            if not (low <= lowest and highest <= high):
                self.fail(
                    f"{self.net_name()} returns values from {lowest:.3g} to {highest:.3g}, but "
                    f"output_range is [{low:g}, {high:g}].\nIs the last activation missing, or "
                    f"not the one that fits the range of the data?"
                )
            if not (lowest >= low + margin or highest <= high - margin):
                return
        if overflowed > ENLARGED // 2:
            self.skipTest(f"{self.net_name()} overflows with enlarged weights.")
        self.fail(
            f"{self.net_name()} returns values from {lowest:.3g} to {highest:.3g}, even with "
            f"enlarged weights; output_range is [{low:g}, {high:g}].\nIs the last activation "
            f"applied twice, behind another one, or made for another range?"
        )

    def ever_larger_outputs(self) -> Iterator[Tensor]:
        """The first output of the model and of copies with random weights, ever larger ones.

        Large weights saturate a bounded activation; several copies give both signs.
        """
        outputs = self.output_for_range(self.copied())
        self.check_finite([outputs], "test_inputs")
        yield outputs
        for seed in range(ENLARGED):
            net = self.copied()
            with seeded(seed), torch.no_grad():
                for parameter in net.parameters():
                    if is_number(parameter):
                        parameter.add_(torch.randn_like(parameter) * 2 ** (seed % 4))
            yield self.output_for_range(net)

    def output_for_range(self, net: nn.Module) -> Tensor:
        outputs = self.computed(net)
        if not outputs:
            self.skipTest(f"{self.net_name()} returns scalars only.")
        return outputs[0]

    def test_blank_and_constant_inputs(self):
        """Inputs without any contrast give finite outputs."""
        net = self.copied()
        for value in self.constant_values():
            with self.subTest(value=value):
                self.check_constant(net, value)

    def constant_values(self) -> list[float]:
        """Zero and the lowest and highest value of the inputs that may be constant."""
        filled = [tensor for tensor in tensors_in(self.test_inputs) if self.may_be_constant(tensor)]
        if not filled:
            self.skipTest("No input holds values that could be constant.")
        highest = max(tensor.max().item() for tensor in filled)
        if is_number(filled[0]):
            return sorted({0, min(tensor.min().item() for tensor in filled), highest})
        # A sentence of zeros may be nothing but padding.
        tokens = torch.cat([tensor.flatten() for tensor in filled])
        return sorted({tokens[tokens > 0].min().item(), highest}) if highest > 0 else [highest]

    def may_be_constant(self, tensor: Tensor) -> bool:
        """Whether an input holds data: floats, or, where there are none, the tokens of sequences.

        Masks, lengths and class numbers keep their values: a constant one may be invalid.
        """
        if any(t.is_floating_point() and not is_mask(t) for t in tensors_in(self.test_inputs)):
            return tensor.is_floating_point() and not is_mask(tensor)
        return not is_number(tensor) and tensor.dim() > 1 and not is_mask(tensor)

    def check_constant(self, net: nn.Module, value: float):
        def filled(tensor: Tensor) -> Tensor:
            if not self.may_be_constant(tensor):
                return tensor
            lowest, highest = tensor.min().item(), tensor.max().item()
            return torch.full_like(tensor, min(max(value, lowest), highest) if value else 0)

        what = f"inputs that are {value:.3g} everywhere"
        try:
            outputs = self.computed(net, mapped(filled, self.few_samples()))
        except MODEL_ERRORS as error:
            self.fail(
                f"{self.net_name()} does not run on {what}: {said_by(error)}\n"
                f"Does it select values, and has none left?"
            )
        self.check_finite(outputs, what)


# Copies with ever larger weights.
ENLARGED = 8
