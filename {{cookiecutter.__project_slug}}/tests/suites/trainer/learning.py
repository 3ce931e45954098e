# SPDX-License-Identifier: MIT
"""Properties of learning: the batch is learned, by declared parameters only."""

import math

import torch

from ..instruments.seeds import seeded
from .observing import observed_steps
from .probing import TrainerProbe


class LearningTests(TrainerProbe):
    """Tests of what training achieves. Part of AbstractTestTrainer."""

    def test_overfits_one_batch(self):
        """Training on the one batch of setUp brings the loss down by far."""
        self.require_complete()
        if self.updates:
            self.skipTest("Networks that play against each other have no loss that falls.")
        self.record(self.trainer)  # in place of thousands of images in a file
        try:
            losses = self.losses_of_overfitting()
        except ArithmeticError as error:
            self.fail(
                f"{type(self.trainer).__name__} breaks off on one batch: {error}\nIs the loss "
                f"maximised, or the learning rate far too high?"
            )
        first, last = losses[0], max(losses[-3:])
        bound = first - (1 - self.overfit_factor) * abs(first)
        if not last < bound:
            self.fail(
                f"{type(self.trainer).__name__} has a training loss of {losses[-1]:.4g} after "
                f"{len(losses)} steps on one batch ({first:.4g} before); expected less than "
                f"{bound:.4g}.\n{advice_on_losses(losses)}"
            )

    def losses_of_overfitting(self) -> list[float]:
        """The loss of every step on the one batch, until it is low enough."""
        losses: list[float] = []
        with seeded(0):
            for _ in range(10):  # most are through long before the last round
                with observed_steps(self, self.trainer) as steps:
                    self.train(self.trainer, math.ceil(self.overfit_epochs / 10))
                losses += [sum(step.losses) for step in steps]
                if not steps and not self.optimizers(self.trainer):  # updates by hand
                    losses += [one.loss for one in steps.passes]
                if not losses:
                    self.fail("train() took no optimizer step on this model.")
                if not steps.passes and any(step.found.any() for step in steps):
                    self.skipTest("train() makes no backward pass, so its losses are not seen.")
                if max(losses[-3:]) < losses[0] - (1 - self.overfit_factor) * abs(losses[0]):
                    break
        return losses

    def test_frozen_parameters_do_not_change(self):
        """Training changes some parameters, and none that are declared frozen."""
        self.require_complete()
        model = self.model_of(self.trainer)
        before = {name: p.detach().clone() for name, p in model.named_parameters()}
        with seeded(0):
            self.train(self.trainer, 3)  # of which the first may be one of a warm-up
        after = dict(self.model_of(self.trainer).named_parameters())
        changed = [name for name in after if not torch.equal(after[name], before[name])]
        if not changed:
            self.fail(
                "No parameter of trainer.model changed in three epochs.\nIs there a step at all, "
                "and does it reach this model?"
            )
        for name in changed:
            if name.startswith(self.frozen_parameters) or not after[name].requires_grad:
                self.fail(
                    f"{name} is frozen, but training changed it.\nDoes the optimizer hold it?"
                )


def advice_on_losses(losses: list[float]) -> str:
    """What the losses of the steps on one batch say about the cause."""
    if not losses[-1] < losses[0]:
        return "Nothing was learned. Do the optimizer's steps reach this model, downhill?"
    return (
        "Do outputs and targets belong together? Are learning rate and schedule right? Declare "
        "overfit_epochs or overfit_factor if a batch takes longer, or its loss has a floor."
    )
