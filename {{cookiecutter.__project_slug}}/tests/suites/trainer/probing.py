# SPDX-License-Identifier: MIT
"""How the checks train and evaluate a trainer, and what they compare it with."""

import torch
from torch.amp import GradScaler

from ..instruments.seeds import seeded
from .building import ProbeTrainers
from .calls import Call, training_calls
from .observing import observed_steps
from .passes import Step, Steps
from .snapshot import different_keys, is_random_state

EPOCHS = 2
FITTING_SCALE = 128.0


class TrainerProbe(ProbeTrainers):
    """What all parts of AbstractTestTrainer share."""

    def observe(self, trainer) -> list[Step]:
        """Trains for two epochs of three batches; returns the steps that were taken."""
        self.fit_scale(trainer)
        with observed_steps(self, trainer) as steps, seeded(0):
            try:
                self.train(trainer, EPOCHS)
            except ArithmeticError:  # what led to it is in the steps before
                if not steps:
                    raise
        if any(isinstance(step.optimizer, torch.optim.LBFGS) for step in steps):
            self.skipTest("LBFGS evaluates every batch several times within a step.")
        if not steps:
            self.require_optimizer(steps)
            self.fail(f"train({EPOCHS}) took no optimizer step on this model.")
        return steps

    def fit_scale(self, trainer):
        """Begins with a scale that is likely to fit the losses.

        A GradScaler begins with 65536, and leaves out steps until it has come down to it: of
        losses of some hundred, all steps that a check would look at.
        """
        if (scaler := self.scaler(trainer)) is not None:
            scaler.load_state_dict({**scaler.state_dict(), "scale": FITTING_SCALE})

    def require_optimizer(self, steps: Steps):
        """Skips a test of steps that are written out by hand."""
        if steps.passes and not self.optimizers(self.trainer):
            self.skipTest("train() has no optimizer of torch whose steps could be seen.")

    def training_batches(self, trainer, calls: list[Call]) -> list[list[int]]:
        """The training samples in each call that has some."""
        seen = [self.samples_of(trainer, call, "train_data") for call in training_calls(calls)]
        return [samples for samples in seen if samples]

    def scaler(self, trainer) -> GradScaler | None:
        """The GradScaler among the attributes of a trainer, or of one of its parts."""
        parts = [trainer, *vars(trainer).values()]
        values = [v for part in parts for v in getattr(part, "__dict__", {}).values()]
        return next((v for v in values if isinstance(v, GradScaler) and v.is_enabled()), None)

    def require_quiet_evaluation(self):
        self.require_complete()
        self.require("evaluate")
        if self.noisy_evaluation:
            self.skipTest("evaluate() is declared to draw random numbers (noisy_evaluation).")

    def check_unchanged(self, what: str, before: dict, after: dict, strict: bool = True):
        changed = different_keys(before, after)
        if not strict:
            changed = [key for key in changed if not is_random_state(key)]
        if self.leaves_eval_mode:
            changed = [key for key in changed if not key.startswith("the mode of")]
        if changed:
            self.fail(
                f"{what} changes {', '.join(changed[:3])}.\nTraining goes on from there, so a run "
                f"with it differs from one without. Restore what is changed."
            )
