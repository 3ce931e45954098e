# SPDX-License-Identifier: MIT
"""Properties of schedules that a loop makes itself: they end with it, and do not start anew."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

import torch
from torch import Tensor
from torch.optim.lr_scheduler import CosineAnnealingLR, LRScheduler, PolynomialLR

from ..instruments.quiet import WithoutNoise
from ..instruments.seeds import seeded
from .calls import Call, observed_calls
from .marks import with_splits
from .observing import observed_steps
from .probing import TrainerProbe
from .selection import standing_still

EPOCHS, STEPS, BATCH_SIZE = 2, 2, 2
LENGTHS = {CosineAnnealingLR: "T_max", PolynomialLR: "total_iters"}


class ScheduleTests(TrainerProbe):
    """Tests of schedules of rates and of weights. Part of AbstractTestTrainer."""

    def test_a_schedule_is_as_long_as_the_training(self):
        """A scheduler that train() makes, for so many steps, is not stepped more often."""
        trainer = self.probe_trainer()
        with new_schedulers() as made, seeded(0):
            self.train(trainer, 1)
        if not made:
            self.skipTest("train() makes no scheduler that is for a certain number of steps.")
        for scheduler in made:
            name = LENGTHS[type(scheduler)]
            # Of one epoch: another length may be meant to be one.
            if getattr(scheduler, name) == 1 < scheduler.last_epoch:
                self.fail(
                    f"In training of one epoch, {type(scheduler).__name__} is stepped "
                    f"{scheduler.last_epoch} times; it has {name} = 1.\nIs it stepped in every "
                    f"batch, though it counts epochs? The rate falls too fast."
                )

    def test_no_weight_starts_anew_in_every_epoch(self):
        """With a learning rate of 0, the loss of the same batch has no pattern by epochs."""
        self.require_complete()
        if self.updates:
            self.skipTest("Several networks have losses of their own.")
        losses = self.losses_of_the_same_batch()
        epochs = [losses[i : i + STEPS] for i in range(0, len(losses), STEPS)]
        if len(losses) != EPOCHS * STEPS:
            self.skipTest("train() does not take a step for every batch.")
        if not all(self.alike(epoch, epochs[0]) for epoch in epochs):
            return  # noise, or something that goes on from epoch to epoch
        if not self.alike(epochs[0], epochs[0][:1] * STEPS):
            self.fail(
                f"With a learning rate of 0, the losses of the same batch in the steps of every "
                f"epoch are {[float(f'{loss:.5g}') for loss in epochs[0]]}.\nIs a weight annealed "
                f"by the number of the batch within the epoch, so that it starts anew in each?"
            )

    def losses_of_the_same_batch(self) -> list[float]:
        """The loss of every step, where no step changes anything and all samples are the same."""
        data = self.probe_data()
        if not hasattr(data.train_data, "marks"):
            self.skipTest("The training data are no samples of which a batch could be made.")
        split = [data.train_data[0]] * (STEPS * BATCH_SIZE)
        trainer = self.probe_trainer(
            data=with_splits(data, train_data=split, test_data=split[:BATCH_SIZE]),
            model=self.probe_model(noise=False),
            batch_size=BATCH_SIZE,
            make_optimizer=standing_still,
        )
        outputs: list[Tensor] = []

        def note(call: Call):
            if call.with_gradients:
                outputs.append(call.outputs[0].detach().clone())

        with (
            WithoutNoise(),
            observed_calls(self.model_of(trainer), after=note),
            observed_steps(self, trainer) as steps,
            seeded(0),
        ):
            try:
                self.train(trainer, EPOCHS)
            except ArithmeticError as error:
                self.skipTest(f"With the same sample again and again, training ends: {error}")
        in_a_step = max(1, len(outputs) // (EPOCHS * STEPS))
        if not all(map(torch.equal, outputs, outputs[:in_a_step] * (EPOCHS * STEPS))):
            self.skipTest("For the same batch, the outputs of the model differ from step to step.")
        return [sum(step.losses) for step in steps]

    def alike(self, first: list[float], second: list[float]) -> bool:
        pairs = zip(first, second, strict=True)
        return all(math.isclose(a, b, rel_tol=self.loss_tolerance, abs_tol=1e-6) for a, b in pairs)


@contextmanager
def new_schedulers() -> Iterator[list[LRScheduler]]:
    """The schedulers for a certain number of steps that are made within it."""
    made: list[LRScheduler] = []
    initialise = LRScheduler.__init__

    def noted(scheduler, *arguments, **named):
        initialise(scheduler, *arguments, **named)
        if type(scheduler) in LENGTHS:
            made.append(scheduler)

    with mock.patch.object(LRScheduler, "__init__", noted):
        yield made
