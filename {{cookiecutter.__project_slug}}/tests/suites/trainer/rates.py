# SPDX-License-Identifier: MIT
"""Properties of the size of steps: the rate that is scheduled, and gradients that are clipped."""

import itertools
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from unittest import mock

import torch
from torch import Tensor
from torch.optim.lr_scheduler import ExponentialLR

from ..instruments.seeds import seeded
from .observing import observed_steps
from .probing import EPOCHS, TrainerProbe

DECAY = 0.5
CLIPPING = ("clip_grad_norm_", "clip_grad_value_")
MAX_NORM = 1e-3


class RateTests(TrainerProbe):
    """Tests of schedules and clipping. Part of AbstractTestTrainer."""

    def test_scheduler_sets_the_learning_rate(self):
        """The learning rate follows the scheduler, which is stepped as declared."""
        self.require_complete()
        self.require_taken("make_scheduler")
        trainer = self.probe_trainer(make_scheduler=partial(ExponentialLR, gamma=DECAY))
        rates = [float(o.param_groups[0]["lr"]) for o in self.optimizers(trainer).values()]
        steps = self.observe(trainer)
        start = rates[0] if rates else steps[0].learning_rate
        if start == 0:
            self.skipTest("The learning rate is 0 to begin with, so no schedule shows.")
        found = [step.learning_rate / start for step in steps]
        by_epoch = self.scheduler_interval == "epoch"
        steps_in_epoch = len(found) // EPOCHS
        first = found[:steps_in_epoch]
        rises = all(rate < later for rate, later in zip(first, [*first[1:], 1], strict=True))
        if by_epoch and rises:
            self.skipTest("The learning rate rises from step to step at first: a warm-up besides.")
        expected = [DECAY ** (i // steps_in_epoch if by_epoch else i) for i in range(len(found))]
        if not torch.allclose(torch.tensor(found), torch.tensor(expected)):
            cause = (
                "too often, or too early" if found[-1] < expected[-1] else "and on this optimizer"
            )
            self.fail(
                f"The learning rates of the steps are {[round(rate, 4) for rate in found]} of the "
                f"first; the schedule gives {expected}.\nIs the scheduler stepped after every "
                f"{self.scheduler_interval}, {cause}?"
            )

    def test_gradients_are_clipped(self):
        """No step has a gradient with a norm above max_grad_norm."""
        self.require_complete()
        self.require_taken("max_grad_norm")
        for settings in self.clipped_precisions():
            with self.subTest(**settings):
                self.check_clipping(settings)

    def clipped_precisions(self) -> list[dict]:
        """The declared precisions, and those of the usual names that the trainer takes.

        In float16, losses are scaled up, and their gradients have to be scaled down first.
        """
        if not self.takes("precision"):
            return [{}]
        usual = [{"precision": name} for name in ("float32", "float16")]
        if not self.precisions:
            return usual
        declared = self.precision_settings()
        return declared + [s for s in usual if s not in declared and self.can_be_built(s)]

    def can_be_built(self, settings: dict) -> bool:
        try:
            self.probe_trainer(**settings)
        except ValueError:
            return False
        return True

    def test_clips_gradients_that_exist(self):
        """Where gradients are clipped, they have been computed before."""
        trainer = self.probe_trainer()
        with observed_clipping(trainer) as norms, seeded(0):
            self.train(trainer, 1)
        if not norms:
            self.skipTest(
                "train() does not call torch.nn.utils.clip_grad_norm_ or clip_grad_value_."
            )
        if not any(norms):
            self.fail(
                f"{len(norms)} times gradients are clipped that are zero, or not there.\nAre they "
                f"clipped before backward()? Clip between backward() and step()."
            )

    def check_clipping(self, settings: dict):
        try:
            trainer = self.probe_trainer(max_grad_norm=MAX_NORM, **settings)
        except ValueError as error:
            self.skipTest(f"The trainer cannot be built with {settings}: {error}")
        self.fit_scale(trainer)
        with observed_steps(self, trainer) as steps, seeded(0):
            self.train(trainer, 2 * EPOCHS)
        taken = [step for step in steps if step.found.isfinite().all() and not step.skipped]
        if not taken and settings:
            self.skipTest(f"With {settings} no step was taken: the gradients overflow.")
        for number, step in enumerate(taken):
            norm, whole = step.found.norm().item(), step.expected().norm().item()
            lowest = 0.5 * min(MAX_NORM, whole) if whole else 0.5 * MAX_NORM
            if self.updates:  # the norm may be that of all gradients together
                lowest = -1
            if not lowest < norm < 1.001 * MAX_NORM:
                cause = (
                    "Are gradients clipped between backward() and step()?"
                    if norm > MAX_NORM
                    else "Is the loss clipped, or are gradients clipped before they are unscaled?"
                )
                self.fail(
                    f"Step {number} has a gradient of norm {norm:.4g}; with max_grad_norm "
                    f"{MAX_NORM} it should be that much.\n{cause}"
                )


@contextmanager
def observed_clipping(trainer) -> Iterator[list[bool]]:
    """Notes of each call that clips gradients whether there are any."""
    found: list[bool] = []

    def noted(clip, parameters, *arguments, **named):
        kept = [parameters] if isinstance(parameters, Tensor) else list(parameters)
        found.append(any(p.grad is not None and bool(p.grad.any()) for p in kept))
        return clip(kept, *arguments, **named)

    with ExitStack() as patches:
        # Where the functions are called from torch, and where a module has imported them.
        owners = {torch.nn.utils, sys.modules.get(type(trainer).__module__)}
        for owner, name in itertools.product(owners, CLIPPING):
            if callable(clip := getattr(owner, name, None)):
                patches.enter_context(mock.patch.object(owner, name, partial(noted, clip)))
        yield found
