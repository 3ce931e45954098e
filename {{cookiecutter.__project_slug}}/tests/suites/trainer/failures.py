# SPDX-License-Identifier: MIT
"""Properties of training that goes wrong: it says so, and does no harm."""

import math

import torch

from ..instruments.seeds import seeded
from .calls import Call, observed_calls
from .observing import observed_steps
from .passes import flat
from .probing import TrainerProbe

MESSAGE = "raised by a test"


class FailureTests(TrainerProbe):
    """Tests of errors. Part of AbstractTestTrainer."""

    def test_loss_that_is_not_finite_stops_training(self):
        """A loss that is not finite raises an error with a text, before any weight changes."""
        if self.non_finite is None:
            self.skipTest("The trainer is declared to go on with a loss that is not finite.")
        trainer = self.probe_trainer()
        model = self.model_of(trainer)
        with torch.no_grad():
            list(model.parameters())[-1].fill_(math.nan)
        before = flat(model.parameters()).nan_to_num()
        text = self.error_of_training(trainer, epochs=2 if self.non_finite == "stop" else 1)
        if text is None:
            return
        if text.endswith(": "):
            self.fail(f"The loss is nan, but the error does not say so: {text}")
        if not torch.equal(before, flat(model.parameters()).nan_to_num()):
            self.fail("The loss is nan, and train() raised after it had changed the weights.")

    def error_of_training(self, trainer, epochs: int) -> str | None:
        """The text of the error that train() raises; None where it stops without one."""
        with observed_steps(self, trainer) as steps:
            try:
                with seeded(0):
                    self.train(trainer, epochs)
            except Exception as error:
                return f"{type(error).__name__}: {error}".lower()
        losses = [loss for step in steps for loss in step.losses]
        if losses and all(map(math.isfinite, losses)):
            self.skipTest("The loss is finite, though the last parameter of the model is nan.")
        if self.non_finite == "stop" and len(steps) <= 1:
            return None
        self.fail(
            "train() went on with a loss that is nan. Raise an error in its first step.\nDeclare "
            'non_finite = "stop" where it ends without one, or None where that is wanted.'
        )

    def test_errors_of_the_model_stop_training(self):
        """An error that the model raises reaches the caller of train()."""
        trainer = self.probe_trainer()
        error: Exception | None = None
        with observed_calls(self.model_of(trainer), before=fail_in_training) as calls:
            try:
                self.train(trainer, 1)
            except Exception as raised:
                error = raised
        if not calls:
            self.skipTest("train() calls no module of the model, so none can raise an error.")
        if error is None:
            self.fail("The model raised an error, and train() went on. Is there a try too many?")
        texts = f"{error} {getattr(error, '__cause__', '')} {getattr(error, '__context__', '')}"
        if MESSAGE not in texts:
            self.fail("The error of the model was replaced by another.")


def fail_in_training(call: Call):
    if call.with_gradients:
        raise RuntimeError(MESSAGE)
