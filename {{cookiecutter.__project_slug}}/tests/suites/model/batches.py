"""Properties of a model that works on a batch: no sample knows of the others."""

import torch
from torch import Tensor
from torch.testing import assert_close

from ..instruments.calls import call, eager, tensors_in
from ..instruments.comparing import all_close
from ..instruments.copies import perturbed
from ..instruments.seeds import seeded


class BatchTests:
    """Tests of the independence of the samples of a batch. Part of AbstractTestModel."""

    def test_batch_independence_by_gradient(self):
        """No output of one sample has a gradient with respect to another sample."""
        self.require_floating_inputs()
        self.require_two_samples()
        size = len(self.test_inputs)
        with seeded(0):
            drawn = int(torch.randint(size, ()))
        # Beside one at random, the first and the last: they are mixed up most often.
        for masked in sorted({0, drawn, size - 1}):
            with self.subTest(masked_sample=masked):
                reached = self.samples_reached_without(masked)
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

    def samples_reached_without(self, masked: int) -> list[bool]:
        """For each sample, whether the outputs of all samples but one have a gradient for it."""
        inputs = self.test_inputs.detach().clone().requires_grad_()
        with seeded(0), eager():
            outputs = self.differentiable(tensors_in(perturbed(self.net).eval()(inputs)))
            upstream = [torch.randn_like(output) for output in outputs]
        for gradient in upstream:
            gradient[masked] = 0
        # Not autograd.grad: re-entrant gradient checkpointing allows backward only.
        torch.autograd.backward(outputs, upstream)
        if inputs.grad is None:
            return [False] * len(inputs)
        return inputs.grad.flatten(1).ne(0).any(dim=1).tolist()

    def test_batch_independence_by_value(self):
        """The output of a sample stays the same when the others are exchanged.

        Both times the same seed is used, so that a model that draws random numbers draws the same
        ones for the sample that stays.
        """
        self.require_two_samples()
        inputs = self.test_inputs
        net = perturbed(self.net).eval()
        before = call(net, inputs)
        for kept in (0, len(inputs) - 1):
            exchanged = inputs.roll(1, dims=0)
            exchanged[kept] = inputs[kept]
            for old, new in zip(before, call(net, exchanged), strict=True):
                self.assert_same_sample(
                    new[kept], old[kept], f"sample {kept} when the others are exchanged"
                )

    def test_batch_independence_alone_and_shuffled(self):
        """A sample has the same output alone, in a batch and in a shuffled batch."""
        self.require_two_samples()
        net = self.most_precise_net()  # some models amplify the rounding of float32
        for name, (function, inputs) in self.functions(net).items():
            with self.subTest(function=name):
                batch = call(function, inputs)
                if not all_close(batch, call(function, inputs, seed=1)):
                    self.skipTest(f"{name} draws random numbers in eval mode.")
                order = torch.arange(len(inputs)).roll(1)
                shuffled = call(function, inputs[order])
                alone = call(function, inputs[:1])
                for whole, moved, single in zip(batch, shuffled, alone, strict=True):
                    self.assert_same_sample(moved, whole[order], f"{name} of a shuffled batch")
                    self.assert_same_sample(single[0], whole[0], f"{name} of a sample alone")

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
