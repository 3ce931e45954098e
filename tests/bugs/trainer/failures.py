"""Bugs that the checks of suites/trainer/failures.py are meant for."""

import math

from mnist_vae.trainer import Trainer

from ...seeding import trainer_bug
from .bases import StepTrainer

BY_HAND = "test_steps_are_those_of_the_optimizer"

FINITE = "test_loss_that_is_not_finite_stops_training"
ERRORS = "test_errors_of_the_model_stop_training"


@trainer_bug(FINITE, r"train\(\) went on with a loss that is nan")
class NaNIgnored(StepTrainer):
    def check_finite(self, loss):
        pass


@trainer_bug(FINITE, r"train\(\) went on with a loss that is nan")
class NaNBatchesSkipped(Trainer):
    def train_step(self, batch):
        try:
            return super().train_step(batch)
        except FloatingPointError:
            return 0.0


@trainer_bug(FINITE, r"raised after it had changed the weights")
class CheckedAfterTheStep(StepTrainer):
    def check_finite(self, loss):
        pass

    def take_step(self, loss):
        super().take_step(loss)
        super().check_finite(loss.item())


@trainer_bug(FINITE, r"the error does not say so: assertionerror")
class BareAssertion(StepTrainer):
    def check_finite(self, loss):
        assert math.isfinite(loss)


@trainer_bug(ERRORS, r"train\(\) went on.*a try too many")
class EveryErrorTakenForFullMemory(Trainer):
    """Skips a batch that does not fit into the memory, and each with any other error."""

    def train_step(self, batch):
        try:
            return super().train_step(batch)
        except RuntimeError:
            self.optimizer.zero_grad()
            return 0.0


@trainer_bug(
    ERRORS,
    r"train\(\) went on.*a try too many",
    source="AntixK/PyTorch-VAE, experiment.py (bare except in the set-up)",
)
class ErrorsSwallowed(Trainer):
    def train_step(self, batch):
        try:
            return super().train_step(batch)
        except Exception:
            return 0.0
