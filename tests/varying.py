"""Decorators that make a correct variant of a function or class; the registry collects them."""

from collections.abc import Callable

from suites import (
    AbstractTestClassifierTrainer,
    AbstractTestDataset,
    AbstractTestGANTrainer,
    AbstractTestLoss,
    AbstractTestModel,
    AbstractTestVAE,
    AbstractTestVAETrainer,
)

from .loops.classifier import set_up_classifier
from .loops.gan import PASSES, set_up_gan
from .registry import Variant


def mark(subject, suite: type, attributes_of: Callable):
    """Notes on a subject that it is correct; `attributes_of` a test case are set on it."""

    def set_up(case):
        vars(case).update(attributes_of(case))

    subject.correct_variant = Variant(subject.__name__, suite, set_up)
    return subject


def dataset(function: Callable[[], dict]):
    return mark(function, AbstractTestDataset, lambda case: function())


def model(function: Callable[[], dict]):
    return mark(function, AbstractTestModel, lambda case: function())


def vae(function: Callable[[], dict]):
    return mark(function, AbstractTestVAE, lambda case: function())


def loss(batch: Callable[[], dict], **attributes):
    """For a function (outputs, targets), or a module that is one, on a batch as in loss_batches."""

    def decorate(subject):
        def attributes_of(case) -> dict:
            function = subject() if isinstance(subject, type) else subject
            return {"loss": function, **batch(), **attributes}

        return mark(subject, AbstractTestLoss, attributes_of)

    return decorate


def loss_case(cls: type):
    """For a class as an owner would write it, with hooks and setUp, without its bases."""

    def attributes_of(case) -> dict:
        subject = cls()
        subject.setUp()
        hooks = {name: getattr(subject, name) for name in vars(cls) if not name.startswith("__")}
        return {**hooks, **vars(subject)}

    return mark(cls, AbstractTestLoss, attributes_of)


def trainer_case(function: Callable[..., dict]):
    """For a function of the test case, which removes what trainers write."""
    return mark(function, AbstractTestVAETrainer, function)


def classifier(make_model: Callable | None = None, make_optimizer=None, **attributes):
    """For a subclass of ClassifierTrainer; `attributes` are set on the test case."""

    def decorate(cls):
        def variant(case) -> dict:
            vars(case).update(attributes)
            chosen = {"make_optimizer": make_optimizer} if make_optimizer else {}
            set_up_classifier(case, cls, make_model and make_model(), **chosen)
            return attributes

        return mark(cls, AbstractTestClassifierTrainer, variant)

    return decorate


def gan(passes: dict[str, int] = PASSES, **attributes):
    """For a subclass of GANTrainer; `attributes` are set on the test case."""

    def decorate(cls):
        def variant(case) -> dict:
            set_up_gan(case, cls, passes)
            return attributes

        return mark(cls, AbstractTestGANTrainer, variant)

    return decorate
