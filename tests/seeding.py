"""Decorators that make a seeded bug of a class or function.

They name the check that must fail on it and what its message must say; test_bugs.py sees to both,
in both base orders. `source` is where it was seen: it names what describes the same mechanism.
"reported: " stands before what was said there but not confirmed, "common knowledge" means that no
citation fits.
"""

import dataclasses
from collections.abc import Callable

import torch
from suites import (
    AbstractTestClassifierTrainer,
    AbstractTestDataset,
    AbstractTestGANTrainer,
    AbstractTestLoss,
    AbstractTestModel,
    AbstractTestTrainer,
    AbstractTestVAE,
    AbstractTestVAETrainer,
)

from .loops.classifier import ClassifierTrainer, set_up_classifier
from .loops.gan import set_up_gan
from .registry import Bug
from .subjects import INPUT_SHAPE, set_up_adopted, set_up_trainer, small_mnist


def seed(subject, suite: type, check: str, message: str, set_up: Callable, source: str):
    """Notes on a class or function that it is a bug; the registry collects them."""
    path = subject.__module__.partition("bugs.")[2]
    subject.seeded_bug = Bug(subject.__name__, suite, check, message, set_up, path, source)
    return subject


def vae_bug(check: str, message: str, inputs=None, source: str = "common knowledge", **attributes):
    """For a subclass of MLPVAE or CNNVAE; `attributes` are set on the test case."""

    def decorate(cls):
        def set_up(case):
            case.net = cls(INPUT_SHAPE, 4)
            case.test_inputs = torch.randn(4, *INPUT_SHAPE) if inputs is None else inputs()
            vars(case).update(attributes)

        return seed(cls, AbstractTestVAE, check, message, set_up, source)

    return decorate


def model_bug(
    check: str, message: str, inputs=None, source: str = "common knowledge", **attributes
):
    """For any module that takes (N, 6) and should return (N, 6)."""

    def decorate(cls):
        def set_up(case):
            case.net = cls()
            case.test_inputs = torch.randn(4, 6) if inputs is None else inputs()
            case.output_shape = (4, 6)
            vars(case).update(attributes)

        return seed(cls, AbstractTestModel, check, message, set_up, source)

    return decorate


def dataset_bug(
    check: str,
    message: str,
    *broken_splits: str,
    source: str = "common knowledge",
    **attributes,
):
    """For a subclass of MNISTSplit that takes the place of the named splits, or of all."""

    def decorate(cls):
        def set_up(case):
            case.data = small_mnist(cls, broken_splits or ("train_data", "test_data"))
            case.data_shape = (1, 32, 32)
            vars(case).update(attributes)

        return seed(cls, AbstractTestDataset, check, message, set_up, source)

    return decorate


def made_dataset_bug(check: str, message: str, source: str = "common knowledge"):
    """For a function that returns the attributes of a test case, of a dataset of any kind."""

    def decorate(function):
        def set_up(case):
            vars(case).update(function())

        return seed(function, AbstractTestDataset, check, message, set_up, source)

    return decorate


def trainer_bug(check: str, message: str, source: str = "common knowledge", **attributes):
    """For a subclass of Trainer, of a VAE."""

    def decorate(cls):
        def set_up(case):
            set_up_trainer(case, cls)
            vars(case).update(attributes)

        return seed(cls, AbstractTestVAETrainer, check, message, set_up, source)

    return decorate


def classifier_bug(check: str, message: str, source: str = "common knowledge", **attributes):
    """For a subclass of ClassifierTrainer, or a function that builds one."""

    def decorate(subject):
        def set_up(case):
            set_up_classifier(case, subject)
            vars(case).update(attributes)

        return seed(subject, AbstractTestClassifierTrainer, check, message, set_up, source)

    return decorate


def classifier_model_bug(
    check: str, message: str, source: str = "common knowledge", cls=ClassifierTrainer, **attributes
):
    """For a function that returns a model for ClassifierTrainer, or a subclass of it."""

    def decorate(function):
        def set_up(case):
            set_up_classifier(case, cls, function())
            vars(case).update(attributes)

        return seed(function, AbstractTestClassifierTrainer, check, message, set_up, source)

    return decorate


def gan_bug(check: str, message: str, source: str = "common knowledge", **attributes):
    """For a subclass of GANTrainer."""

    def decorate(cls):
        def set_up(case):
            set_up_gan(case, cls)
            vars(case).update(attributes)

        return seed(cls, AbstractTestGANTrainer, check, message, set_up, source)

    return decorate


def adopted_bug(
    adopted: type, check: str, message: str, source: str = "common knowledge", **attributes
):
    """For a class whose place in the adopted loop is the attribute `cls`."""

    def decorate(subject):
        def set_up(case):
            set_up_adopted(case, adopted, cls=subject, **attributes)

        return seed(subject, AbstractTestTrainer, check, message, set_up, source)

    return decorate


def hook_bug(adopted: type, hook: str, check: str, message: str, source: str = "common knowledge"):
    """For a function that takes the place of a hook of an adopted loop."""

    def decorate(function):
        def set_up(case):
            set_up_adopted(case, adopted, **{hook: function})

        return seed(function, AbstractTestTrainer, check, message, set_up, source)

    return decorate


def loss_bug(
    check: str, message: str, batch: Callable, source: str = "common knowledge", **attributes
):
    """For a function (outputs, targets), or a module that is one, on a batch as in loss_batches."""

    def decorate(loss):
        def set_up(case):
            case.loss = loss() if isinstance(loss, type) else loss
            vars(case).update({**batch(), **attributes})

        return seed(loss, AbstractTestLoss, check, message, set_up, source)

    return decorate


def kl_bug(
    message: str,
    check: str = "test_kl_divergence_equals_quadrature",
    source: str = "common knowledge",
):
    """For a function (log_sigma, mu) -> KL divergence."""

    def decorate(function):
        def set_up(case):
            set_up_trainer(case)
            case.kl_divergence = function

        return seed(function, AbstractTestVAETrainer, check, message, set_up, source)

    return decorate


def undetected(bug_decorator: Callable, reason: str):
    """The decorator for a bug that no check sees, with the reason for it."""

    def decorate(cls):
        subject = bug_decorator("", "")(cls)
        subject.seeded_bug = dataclasses.replace(subject.seeded_bug, missed=reason)
        return subject

    return decorate
