# SPDX-License-Identifier: MIT
"""Properties of a model that works on a batch: no sample knows of the others."""

import torch
from torch import Tensor, nn
from torch.testing import assert_close

from ..instruments.calls import eager, random_upstream
from ..instruments.comparing import all_close
from ..instruments.samples import axes_fit, take
from ..instruments.seeds import seeded
from ..instruments.sources import Sources
from .premises import first_line
from .probing import ModelProbe, Part


class BatchTests(ModelProbe):
    """Tests of the independence of the samples of a batch. Part of AbstractTestModel."""

    # Of a class, found where they are first asked for.
    axes_fit: bool
    has_batch: bool

    def require_batch_axes(self):
        """Skips where the outputs do not lie along their batch axis: one test says so."""
        self.require_two_samples()
        case = type(self)
        if "axes_fit" not in vars(case):
            outputs = self.outputs_of(self.observed(training=False).result)
            case.axes_fit = axes_fit(outputs, self.output_axes(outputs), self.batch_size())
            case.has_batch = any(axis is not None for axis in self.output_axes(outputs))
        if not case.axes_fit:
            self.skipTest("The outputs have no such batch axis: see test_any_batch_size.")
        if not case.has_batch:
            self.skipTest(f"No output of {self.net_name()} has a batch axis.")

    def test_batch_independence_by_gradient(self):
        """No output of one sample has a gradient with respect to another sample."""
        self.require_batch_axes()
        size = self.batch_size()
        with seeded(0):
            drawn = int(torch.randint(size, ()))
        # Beside one at random, the first and the last: they are mixed up most often.
        masks = sorted({0, drawn, size - 1})
        for masked, reached in zip(masks, self.samples_reached_without(masks), strict=True):
            with self.subTest(masked_sample=masked):
                if reached[masked]:
                    self.fail(
                        f"{self.net_name()}: sample {masked} influences the outputs of the other "
                        f"samples in its batch, in eval mode.\nIs there a mean, softmax, "
                        f"normalisation, reshape or attention over the batch axis?"
                    )
                if not any(reached):
                    self.fail(
                        f"{self.net_name()}: no sample has a gradient from its own outputs.\n"
                        f"Is the input or a layer's output detached, rounded or cut off?"
                    )

    def samples_reached_without(self, masks: list[int]) -> list[list[bool]]:
        """For each mask and sample, whether all outputs but the mask's have a gradient for it."""
        net = self.warmed(self.perturbed())
        sources, pairs = self.outputs_by_axis(net.requires_grad_(False))
        if not any(output.requires_grad for output, _ in pairs):
            # Not from the inputs: is it from the weights, or are the outputs cut off?
            sources, pairs = self.outputs_by_axis(net.requires_grad_(True))
        learning = self.differentiable([output for output, _ in pairs])
        with seeded(0):
            upstream = random_upstream(learning)
        if not any(source.axis is not None for source in sources.found):
            self.skipTest(f"{self.net_name()} has no layer that embeds its integer inputs.")
        axes = [axis for output, axis in pairs if output.requires_grad]
        return [self.samples_reached(sources, learning, upstream, axes, m) for m in masks]

    def outputs_by_axis(self, net: nn.Module) -> tuple[Sources, list[tuple[Tensor, int]]]:
        """Outputs and their batch axes; one without an axis is a sum over samples, or of none."""
        sources = Sources(self.test_inputs, self.input_axes())
        with seeded(0), eager(), sources.watching(net):
            outputs = self.forward(net, sources.inputs)
        pairs = zip(outputs, self.output_axes(outputs), strict=True)
        return sources, [(output, axis) for output, axis in pairs if axis is not None]

    def samples_reached(
        self,
        sources: Sources,
        outputs: list[Tensor],
        upstream: list[Tensor],
        axes: list[int],
        masked: int,
    ) -> list[bool]:
        gradients = [gradient.clone() for gradient in upstream]
        for gradient, axis in zip(gradients, axes, strict=True):
            gradient.select(axis, masked).zero_()
        sources.clear()
        try:
            torch.autograd.backward(outputs, gradients, retain_graph=True)
        except RuntimeError as error:
            self.skipTest(
                f"backward through {self.net_name()} fails in eval mode: {first_line(error)}"
            )
        found = [source for source in sources.found if source.axis is not None]
        gradients = [source.gradient() for source in found]
        # One number a sample, as of an embedded label, has no further axis.
        reached = [gradient.reshape(len(gradient), -1).ne(0).any(dim=1) for gradient in gradients]
        return torch.stack(reached).any(dim=0).tolist()

    def test_batch_independence_by_value(self):
        """The output of a sample stays the same when the others are exchanged.

        Both times the same seed is used, so that a model that draws random numbers draws the same
        ones for the sample that stays.
        """
        self.require_batch_axes()
        size = self.batch_size()
        net = self.perturbed()
        before = self.computed(net)
        for kept in (0, size - 1):
            order = torch.arange(size).roll(1)
            order[kept] = kept
            after = self.computed(net, self.samples(order))
            pairs = zip(before, after, self.output_axes(before), strict=True)
            for old, new, axis in pairs:
                if axis is not None:
                    self.assert_same_sample(
                        take(new, axis, [kept]),
                        take(old, axis, [kept]),
                        f"sample {kept} when the others are exchanged",
                    )

    def test_batch_independence_alone_and_shuffled(self):
        """A sample has the same output alone, in a batch and in a shuffled batch."""
        self.require_batch_axes()
        net = self.perturbed()
        for name, part in self.functions(net).items():
            with self.subTest(function=name):
                try:
                    self.check_alone_and_shuffled(name, part)
                except AssertionError:
                    # Some models amplify the rounding of float32: what float64 says holds.
                    precise = self.most_precise_net()
                    self.check_alone_and_shuffled(name, self.functions(precise)[name])

    def check_alone_and_shuffled(self, name: str, part: Part):
        batch = part.outputs()
        if self.observed(training=False).draws and not all_close(batch, part.outputs(seed=1)):
            self.skipTest(f"{name} draws random numbers in eval mode.")
        axes = part.axes(batch)
        order = torch.arange(self.batch_size()).roll(1)
        shuffled = part.outputs(part.taken(order))
        alone = part.outputs(part.taken([0]))
        for whole, moved, single, axis in zip(batch, shuffled, alone, axes, strict=True):
            if axis is not None:
                expected = take(whole, axis, order)
                self.assert_same_sample(moved, expected, f"{name} of a shuffled batch")
                first = take(whole, axis, [0])
                self.assert_same_sample(single, first, f"{name} of a sample alone")

    def assert_same_sample(self, found: Tensor, expected: Tensor, what: str):
        # A batch of one is multiplied by another kernel than a batch of many, which adds up in
        # another order: a few units in the last place of float32, hence 1e-4 and 1e-5.
        assert_close(
            found,
            expected,
            rtol=1e-4,
            atol=1e-5,
            msg=lambda text: (
                f"{self.net_name()}: the output changes for {what}, in eval mode.\n"
                f"Is there a mean, softmax, normalisation or reshape over the batch axis?\n{text}"
            ),
        )
