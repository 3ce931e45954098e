"""Decorators that make a correct variant of a function or class; the registry collects them."""

from collections.abc import Callable

from suites import (
    AbstractTestDataset,
    AbstractTestLoss,
    AbstractTestModel,
    AbstractTestTrainer,
    AbstractTestVAE,
)

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
    return mark(function, AbstractTestTrainer, function)
