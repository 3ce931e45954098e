# SPDX-License-Identifier: MIT
"""Properties of the loss of a batch: it is made of those of its samples."""

import copy
import math
from contextlib import AbstractContextManager, nullcontext

import torch

from ..instruments.quiet import WithoutNoise
from ..instruments.seeds import seeded
from .marks import with_splits
from .observing import observed_steps
from .probing import TrainerProbe

BATCH = 4
# More than one part of the usual sizes, for a loop that takes a batch in parts.
SEVERAL = [0, 1, 2, 3, 0, 1, 2, 3, 0]


class BatchLossTests(TrainerProbe):
    """Tests of the loss that is back-propagated. Part of AbstractTestTrainer."""

    def test_loss_of_a_batch_is_the_mean_or_sum_of_its_samples(self):
        """The loss of a batch is the mean, or the sum, of those of its samples by themselves."""
        self.require_complete()
        if self.updates:
            self.skipTest("Several networks have losses of their own.")
        model = self.probe_model(noise=False)
        if any(isinstance(m, torch.nn.modules.batchnorm._BatchNorm) for m in model.modules()):
            self.skipTest("Normalisation over the batch makes its samples depend on each other.")
        context, first = self.quiet(model)
        with context:
            alone = [first, *(self.loss_on([index], model) for index in range(1, BATCH))]
            for indices in (list(range(BATCH)), SEVERAL):
                self.check_whole(self.loss_on(indices, model), indices, alone)

    def check_whole(self, whole: float, indices: list[int], alone: list[float]):
        single, weights = [alone[i] for i in indices], self.loss_weights(indices)
        mean = sum(w * x for w, x in zip(weights, single, strict=True)) / sum(weights)
        if not any(self.same_loss(whole, value) for value in (mean, sum(single))):
            self.fail(
                f"The loss of a batch of {len(indices)} samples is {whole:.5g}; alone they have "
                f"{mean:.5g} on average and {sum(single):.5g} in sum.\n"
                + (
                    "Do outputs and targets of different shapes broadcast, as (N, 1) and (N,) do? "
                    "Are padded places in the mean, or is one term a mean and another one a sum?"
                    if len(indices) == BATCH
                    else "That of 4 is right. Is a larger batch taken in parts, whose losses count "
                    "alike although they have different numbers of samples, or tokens?"
                )
            )

    def quiet(self, model) -> tuple[AbstractContextManager, float]:
        """A context in which the loss has no noise, and that of a sample in it."""
        for context in (nullcontext(), WithoutNoise()):
            with context:
                first, again = (self.loss_on([0], model, seed=seed) for seed in (0, 1))
            if self.same_loss(first, again):
                return context, first
        self.skipTest("The loss has noise: two seeds give different ones.")

    def loss_on(self, indices, model, seed: int = 0) -> float:
        """The loss that is back-propagated in the first step on these samples as one batch."""
        data = self.probe_data()
        self.require_indexed(data)
        split = [data.train_data[index] for index in indices]
        data = with_splits(data, train_data=split, test_data=split)
        # It is not a full one, as the last one of an epoch often is not.
        size = len(split) + (not self.drops_last_batch)
        trainer = self.probe_trainer(model=copy.deepcopy(model), data=data, batch_size=size)
        with observed_steps(self, trainer) as steps, seeded(seed):
            self.train(trainer, 1)
        if not steps.passes:
            self.skipTest("train() makes no backward pass on a single sample.")
        first = steps[0].passes if steps else steps.passes[:1]
        return sum(one.loss / one.scale for one in first)

    def require_indexed(self, data):
        if not hasattr(data.train_data, "marks"):
            self.skipTest("The training data are no samples of which a batch could be made.")
        if not self.samples_without_replacement:
            self.skipTest("Samples are drawn with replacement, so a batch is not known beforehand.")

    def loss_weights(self, indices) -> list[float]:
        split = self.probe_data().train_data
        return [self.weight_of(split[index]) for index in indices]

    def same_loss(self, first: float, second: float) -> bool:
        return math.isclose(first, second, rel_tol=max(self.loss_tolerance, 1e-4), abs_tol=1e-6)
