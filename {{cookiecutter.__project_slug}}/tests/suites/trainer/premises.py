# SPDX-License-Identifier: MIT
"""What a trainer has to have for a check, and the sentences that say what it lacks."""

import unittest

from torch import nn

from ..instruments.copies import uncompiled
from .contract import TrainerContract

# Hooks of the test case, and the methods of a trainer that stand for them where it has them.
METHODS = {
    "train": "train",
    "evaluate": "eval",
    "generate": "generate",
    "save_checkpoint": "save",
    "load_checkpoint": "load",
}
# A LightningModule has methods of the same names, which are those of every module.
OF_EVERY_MODULE = set(dir(nn.Module))


class TrainerPremises(TrainerContract):
    """Skips what cannot be judged. Part of AbstractTestTrainer."""

    def has(self, hook: str) -> bool:
        """Whether a hook is overridden, or the trainer has the method that stands for it."""
        if hook in vars(self) or getattr(type(self), hook) is not getattr(TrainerContract, hook):
            return True
        method = METHODS[hook]
        if isinstance(self.trainer, nn.Module) and method in OF_EVERY_MODULE:
            return False
        return callable(getattr(self.trainer, method, None))

    def require(self, *hooks: str):
        """Skips a test that needs hooks which there are not."""
        for hook in hooks:
            if not self.has(hook):
                self.skipTest(
                    f"{type(self.trainer).__name__} has no {METHODS[hook]}(). "
                    f"Override {type(self).__name__}.{hook} if it does this in another way."
                )

    def require_complete(self):
        """Skips a test where another one says what is missing."""
        if self.missing():
            raise unittest.SkipTest(
                "The trainer cannot be checked: test_trainer_can_be_checked says why."
            )

    def missing(self) -> str:
        """What is to be defined, as a text; empty where nothing is missing."""
        try:
            trainer = self.trainer
            assert callable(self.new_trainer)
        except AssertionError as error:
            return str(error)
        return self.lacking(trainer)

    def lacking(self, trainer) -> str:
        """What a trainer has not that every check needs, as a text."""
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
