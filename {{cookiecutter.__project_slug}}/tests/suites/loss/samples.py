# SPDX-License-Identifier: MIT
"""Properties of how the losses of samples become the loss of a batch."""

import math

import torch
from torch import Tensor

from ..instruments.calls import tensors_in
from ..instruments.nested import mapped
from .means import Means

SAMPLES = 4  # as many are tried alone


class SampleTests(Means):
    """Tests of single samples and of batches. Part of AbstractTestLoss."""

    def test_loss_has_the_declared_shape(self):
        """A reduced loss is a number; one that is not has a value for every sample."""
        found = self.result(self.precise_outputs, self.precise_targets, self.precise_loss())
        shape, reduction = tuple(found.shape), self.reduction
        if reduction == "none" and (not shape or found.numel() % self.size):
            self.fail(
                f"The loss of {self.size} samples has the shape {shape}, with reduction 'none'.\n"
                f"Is the reduction ignored, or done over the samples?"
            )
        if reduction in ("mean", "sum", "batchmean") and shape:
            self.fail(
                f"The loss of {self.size} samples has the shape {shape}; expected a number, their "
                f"{reduction}.\nIs the reduction ignored?"
            )

    def test_loss_of_a_batch_is_the_reduction_of_its_samples(self):
        """The loss of a batch is the mean or the sum of what its samples have alone, or each."""
        if self.reduction is None:
            self.skipTest("Samples are declared to be compared with each other.")
        alone = {i: self.result_of([i]) for i in range(min(self.size, SAMPLES))}
        alone = {i: loss for i, loss in alone.items() if self.counts(i, loss)}
        whole = self.result_of(list(alone))
        if whole.numel() > 1 and self.reduction in ("any", "none"):
            self.check_each(list(alone.values()), whole)
        elif whole.numel() == 1 and self.reduction != "none":
            self.check_number({i: loss.sum().item() for i, loss in alone.items()}, whole.item())

    def counts(self, index: int, loss: Tensor) -> bool:
        """Whether a sample has a finite loss of its own."""
        if loss.isfinite().all():
            return True
        if self.ignore_index is None and self.mask is None:
            self.fail(
                f"Alone, sample {index} has a loss of {loss.sum().item()}.\nIs something divided "
                f"by its spread over the batch, or by a number of samples less one?"
            )
        return False  # a mean over no place at all

    def check_each(self, alone: list[Tensor], whole: Tensor):
        """A loss that is not reduced has the loss of each sample in its place."""
        parts = whole.flatten().tensor_split(len(alone))
        for number, (part, loss) in enumerate(zip(parts, alone, strict=True)):
            if part.numel() != loss.numel() or not all(map(self.same, part, loss.flatten())):
                self.fail(
                    f"The loss of {len(alone)} samples has the shape {tuple(whole.shape)}, and "
                    f"sample {number} has another value in it than alone ({tuple(loss.shape)}).\n"
                    f"Do outputs and targets broadcast, or is the wrong axis the batch?"
                )

    def check_number(self, alone: dict[int, float], whole: float):
        if self.is_reduced(alone, whole):
            return
        total = math.fsum(alone.values())
        mean = total / len(alone)
        reduction = str(self.reduction)
        expected = {"any": "sum or a mean", "batchmean": "mean"}.get(reduction, reduction)
        question = (
            "Declare what it is as reduction, or is a factor wrong?"
            if self.same(whole, total) or self.same(whole, mean)
            else "Do outputs and targets broadcast, are some terms summed and others averaged, or "
            "do samples influence each other (a softmax over dim=0)? Then reduction = None."
        )
        self.fail(
            f"The loss of {len(alone)} samples is {whole:.5g}; alone they have {total:.5g} in sum "
            f"and {mean:.5g} on average. Expected their {expected}.\n{question}"
        )

    def is_reduced(self, alone: dict[int, float], whole: float) -> bool:
        """Whether a batch has the sum of its samples' losses, or a mean, as declared."""
        total = math.fsum(alone.values())
        if self.reduction in ("any", "sum") and self.same(whole, total):
            return True
        if self.reduction == "sum":
            return False
        if self.same(whole, total / len(alone)):
            return True
        if self.reduction != "any" and not self.has_weights():
            return False
        return self.is_weighted_mean(alone, whole) or self.adds_up_means(list(alone), whole)

    def has_weights(self) -> bool:
        declared = self.class_weights, self.ignore_index, self.mask
        return any(value is not None for value in declared)

    def test_elements_of_a_sample_are_summed(self):
        """With "batchmean", a sample with all its elements twice has twice the loss."""
        if self.reduction != "batchmean":
            self.skipTest('This test is for reduction = "batchmean".')
        if any(x.dim() < 2 or not x.is_floating_point() for x in self.both()):
            self.skipTest("Outputs or targets without an axis of elements cannot be repeated.")

        def twice(tensor: Tensor) -> Tensor:
            return torch.cat([tensor, tensor], dim=-1)

        once = self.value(self.precise_outputs)
        found = self.value(mapped(twice, self.precise_outputs), mapped(twice, self.precise_targets))
        if not self.same(found, 2 * once):
            self.fail(
                f"The loss is {once:.5g}, and {found:.5g} where every element is there twice; "
                f"expected {2 * once:.5g}, as sums give.\nIs a term averaged over its elements?"
            )

    def both(self) -> list[Tensor]:
        return [*tensors_in(self.outputs), *tensors_in(self.targets)]

    def test_outputs_and_targets_do_not_broadcast(self):
        """Targets that differ from the outputs by an axis of size 1 are not stretched along it."""
        outputs, targets = self.precise_outputs, self.precise_targets
        tensors = isinstance(outputs, Tensor) and isinstance(targets, Tensor)
        if not tensors or outputs.numel() != targets.numel() or outputs.shape == targets.shape:
            self.skipTest("Outputs and targets do not differ by axes of size 1 only.")
        found = self.value(outputs)
        try:
            expected = self.value(outputs.reshape(targets.shape))
        except (RuntimeError, IndexError, ValueError):
            self.skipTest("The loss refuses outputs of the shape of the targets.")
        if not self.same(found, expected):
            self.fail(
                f"Outputs of shape {tuple(outputs.shape)} and targets of shape "
                f"{tuple(targets.shape)} have a loss of {found:.5g}, and {expected:.5g} once their "
                f"shapes are equal.\nDo they broadcast? Squeeze the outputs, or reshape targets."
            )
