# SPDX-License-Identifier: MIT
"""That a trainer has what every check needs: said once, by one test."""

import time
import unittest
import warnings

from torch import nn

from ..instruments.copies import uncompiled
from ..instruments.seeds import seeded
from .observing import observed_steps

SLOW = 0.2  # seconds for a step


class CompletenessTests:
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

    def missing(self) -> str:
        """What is to be defined, as a text; empty where nothing is missing."""
        try:
            trainer = self.trainer
            assert callable(self.new_trainer)
        except AssertionError as error:
            return str(error)
        name, case = type(trainer).__name__, type(self).__name__
        lacks = [
            f"no {what} (define {case}.{hook})"
            for what, hook, found in (
                ("model", "model_of(trainer)", self.found("model_of")),
                ("data", "data_of(trainer)", self.found("data_of")),
                ("train(epochs)", "train(trainer, epochs)", self.has("train")),
            )
            if not found
        ]
        if lacks:
            return f"{name} has {', '.join(lacks)}.\nEvery check needs it; all others skip."
        return self.unsuitable(trainer)

    def found(self, hook: str) -> bool:
        try:
            return getattr(self, hook)(self.trainer) is not None
        except AttributeError:
            return False

    def unsuitable(self, trainer) -> str:
        """Why the parts of a trainer do not do."""
        model, data = self.model_of(trainer), self.data_of(trainer)
        if not isinstance(model, nn.Module):
            return f"The model is a {type(model).__name__}, not an nn.Module.\nDefine model_of."
        if absent := [s for s in ("train_data", "test_data") if not hasattr(data, s)]:
            return (
                f"The data have no {absent[0]}.\nDefine {type(self).__name__}.data_of(trainer) to "
                f"return an object with train_data and test_data."
            )
        return self.unsuitable_model(uncompiled(model))

    def unsuitable_model(self, model: nn.Module) -> str:
        if all(hasattr(model, name) for name in ("encode", "bottleneck", "decode")):
            return (
                f"{type(model).__name__} is a VAE: subclass AbstractTestVAETrainer.\nIt has all "
                f"checks of AbstractTestTrainer, and those of losses, codes and pictures."
            )
        return ""

    def require_complete(self):
        """Skips a test where another one says what is missing."""
        if self.missing():
            raise unittest.SkipTest(
                "The trainer cannot be checked: test_trainer_can_be_checked says why."
            )
