# SPDX-License-Identifier: MIT
"""That a trainer has what every check needs: said once, by one test."""

import time
import warnings

from ..instruments.seeds import seeded
from .observing import observed_steps
from .probing import TrainerProbe

SLOW = 0.2  # seconds for a step


class CompletenessTests(TrainerProbe):
    """Tests of the handle of a trainer. Part of AbstractTestTrainer."""

    def test_trainer_can_be_checked(self):
        """The trainer has what every check needs: a model, data, train() and new_trainer."""
        if missing := self.missing():
            self.fail(missing)
        model = self.probe_model()
        trainer = self.probe_trainer(model=model)
        if not {id(p) for p in model.parameters()} & {
            id(p) for p in self.model_of(trainer).parameters()
        }:
            self.fail(
                "new_trainer keeps another model than the one it is given.\nMost checks give it a "
                "copy of yours, and look at what training does to this copy."
            )
        with observed_steps(self, trainer) as steps, seeded(0):
            start = time.perf_counter()
            self.train(trainer, 1)
            seconds = (time.perf_counter() - start) / max(1, len(steps))
        if seconds > SLOW:
            warnings.warn(
                f"A training step of {type(self).__name__} takes {seconds:.2f} s, and its checks "
                f"take some hundred of them. Build a small configuration of the model in setUp.",
                stacklevel=1,
            )
