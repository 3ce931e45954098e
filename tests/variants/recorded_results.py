"""Trainers that are compared with a record of another form of them, and agree with it."""

from collections.abc import Callable

import torch.nn.functional as F
from suites import (
    AbstractTestClassifierTrainer,
    AbstractTestGANTrainer,
    AbstractTestTrainer,
    AbstractTestVAETrainer,
)

from ..loops.classifier import ClassifierTrainer, set_up_classifier
from ..loops.gan import set_up_gan
from ..loops.sequences import AdoptedLanguageModel
from ..records import of_another_machine, record_result, with_other_random_numbers
from ..subjects import set_up_adopted, set_up_trainer
from ..varying import mark
from .trainer import SmallVAE, adam


def recorded(suite: type, set_up: Callable, again: Callable | None = None, change=None):
    """For a name; what `again` sets up is compared with the record of what `set_up` does."""

    def decorate(subject):
        def attributes_of(case) -> dict:
            set_up(case)
            record_result(case, change)
            (again or set_up)(case)
            return {}

        return mark(subject, suite, attributes_of)

    return decorate


class WrittenAnew(ClassifierTrainer):
    """Other names, other methods, and the same operations in the same order."""

    def train(self, epochs):
        for _ in range(epochs):
            net = self.model.train()
            for batch in self.train_loader:
                images, classes = (tensor.to(self.device) for tensor in batch)
                scores = net(images)
                value = F.nll_loss(scores.log_softmax(dim=1), classes)
                if not value.isfinite():
                    raise FloatingPointError(f"The loss is {value.item()} in step {self.step}.")
                net.zero_grad()
                value.backward()
                self.clip()
                self.optimizer.step()
                self.history.setdefault("train/loss", []).append((self.step, value.item()))
                self.step += 1
            self.end_epoch()


@recorded(
    AbstractTestClassifierTrainer, set_up_classifier, lambda c: set_up_classifier(c, WrittenAnew)
)
class RecordedBeforeItWasRefactored:
    """A loop that was written anew."""


@recorded(AbstractTestClassifierTrainer, set_up_classifier, change=of_another_machine)
class RecordedOnAnotherMachine:
    """The losses differ by rounding."""


@recorded(AbstractTestClassifierTrainer, set_up_classifier, change=with_other_random_numbers)
class RecordedWithOtherRandomNumbers:
    """The losses cannot be compared, and the check says so by a skip."""


def small_vae(case):
    set_up_trainer(case, model=SmallVAE(), make_optimizer=adam)


@recorded(AbstractTestVAETrainer, small_vae)
class RecordedVAE:
    """Its noise is drawn from the seed."""


@recorded(AbstractTestGANTrainer, set_up_gan)
class RecordedGAN:
    """Has two optimizers."""


@recorded(AbstractTestTrainer, lambda case: set_up_adopted(case, AdoptedLanguageModel))
class RecordedLanguageModel:
    """Its samples are tokens."""
