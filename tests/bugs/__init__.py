"""Seeded bugs. Each is a few lines that run without an error and do the wrong thing.

A bug is a class or function under one of the decorators below. The decorator names the check that
must fail on it and what its message must say; test_bugs.py sees to both, in both base orders.
The docstring says what is wrong, where the code does not.
"""

import dataclasses
import tempfile
import types
from collections.abc import Callable
from dataclasses import dataclass

import torch
from mnist_vae.dataset import SAMPLE_ROOT, MNISTSplit, MyMNIST
from mnist_vae.model import MLPVAE
from mnist_vae.trainer import Trainer
from templates import (
    AbstractTestDataset,
    AbstractTestModel,
    AbstractTestTrainer,
    AbstractTestVAE,
)
from templates.trainer_kl import KLTests
from templates.trainer_losses import LossTests
from torch.utils.data import Subset

from .sources import SOURCES

INPUT_SHAPE = (1, 8, 8)
SAMPLE = MyMNIST(SAMPLE_ROOT)


KINDS = {AbstractTestDataset: "dataset", AbstractTestVAE: "vae", AbstractTestTrainer: "trainer"}


@dataclass(frozen=True)
class Bug:
    """A bug, the check that must fail on it, and a pattern of that check's message."""

    name: str
    suite: type
    check: str
    message: str
    set_up: Callable  # sets the attributes of a test case
    module: str  # of this package
    missed: str = ""  # why no check fails on it

    @property
    def kind(self) -> str:
        """What the bug is in: dataset, model, vae, loss, trainer or several processes."""
        if self.check in {*vars(KLTests), *vars(LossTests)}:
            return "loss"
        if self.module == "survivors":
            return KINDS[self.suite]
        kinds = {"datasets": "dataset", "models": "model", "vaes": "vae", "processes": "processes"}
        return kinds.get(self.module, "trainer")

    @property
    def source(self) -> str:
        return SOURCES[self.name]


BUGS: list[Bug] = []
SURVIVORS: list[Bug] = []


def register(subject, suite: type, check: str, message: str, set_up: Callable):
    module = subject.__module__.rpartition(".")[2]
    BUGS.append(Bug(subject.__name__, suite, check, message, set_up, module))
    return subject


def vae_bug(check: str, message: str, inputs=None, **attributes):
    """For a subclass of MLPVAE or CNNVAE; `attributes` are set on the test case."""

    def decorate(cls):
        def set_up(case):
            case.net = cls(INPUT_SHAPE, 4)
            case.test_inputs = torch.randn(4, *INPUT_SHAPE) if inputs is None else inputs()
            vars(case).update(attributes)

        return register(cls, AbstractTestVAE, check, message, set_up)

    return decorate


def model_bug(check: str, message: str, inputs=None, **attributes):
    """For any module that takes (N, 6) and should return (N, 6)."""

    def decorate(cls):
        def set_up(case):
            case.net = cls()
            case.test_inputs = torch.randn(4, 6) if inputs is None else inputs()
            case.output_shape = (4, 6)
            vars(case).update(attributes)

        return register(cls, AbstractTestModel, check, message, set_up)

    return decorate


def dataset_bug(check: str, message: str, *broken_splits: str, **attributes):
    """For a subclass of MNISTSplit that takes the place of the named splits, or of all."""

    def decorate(cls):
        def set_up(case):
            case.data = small_mnist(cls, broken_splits or ("train_data", "test_data"))
            case.data_shape = (1, 32, 32)
            vars(case).update(attributes)

        return register(cls, AbstractTestDataset, check, message, set_up)

    return decorate


def small_mnist(cls: type = MNISTSplit, splits: tuple[str, ...] = ()):
    """A part of the sample of MNIST, in which a class takes the place of some splits."""
    kinds = {name: cls if name in splits else MNISTSplit for name in ("train_data", "test_data")}
    return types.SimpleNamespace(
        train_data=kinds["train_data"](SAMPLE.train_data.images[:100], SAMPLE.train_data.labels, 5),
        test_data=kinds["test_data"](SAMPLE.test_data.images[:50], SAMPLE.test_data.labels, 0),
    )


def trainer_bug(check: str, message: str, **attributes):
    """For a subclass of Trainer."""

    def decorate(cls):
        def set_up(case):
            case.trainer = one_batch_trainer(case, cls)
            vars(case).update(attributes)

        return register(cls, AbstractTestTrainer, check, message, set_up)

    return decorate


def adam(model) -> torch.optim.Optimizer:
    return torch.optim.Adam(model.parameters(), lr=2e-3)


def one_batch_trainer(
    case, cls: type = Trainer, model=None, make_optimizer: Callable = adam, **settings
) -> Trainer:
    """A trainer on a single batch of real digits; it is closed when the test ends."""
    batch = Subset(SAMPLE.test_data, range(4))
    directory = tempfile.TemporaryDirectory()
    case.addCleanup(directory.cleanup)
    model = model or MLPVAE((1, 32, 32), 16)
    trainer = cls(
        model,
        types.SimpleNamespace(train_data=batch, test_data=batch),
        make_optimizer(model),
        batch_size=4,
        device="cpu",
        log_dir=directory.name,
        num_generated_images=2,
        save_checkpoints=False,
        **settings,
    )
    case.addCleanup(trainer.summary.close)
    return trainer


def kl_bug(message: str, check: str = "test_kl_divergence_equals_quadrature"):
    """For a function (log_sigma, mu) -> KL divergence."""

    def decorate(function):
        def set_up(case):
            case.trainer = one_batch_trainer(case)
            case.kl_divergence = function

        return register(function, AbstractTestTrainer, check, message, set_up)

    return decorate


def missed(bug_decorator: Callable):
    """The decorator for a bug that survives, which takes the reason for it."""

    def with_reason(reason: str):
        def decorate(cls):
            bug_decorator("", "")(cls)
            SURVIVORS.append(dataclasses.replace(BUGS.pop(), missed=reason))
            return cls

        return decorate

    return with_reason


missed_dataset_bug, missed_vae_bug, missed_trainer_bug = map(
    missed, (dataset_bug, vae_bug, trainer_bug)
)

from . import (  # noqa: E402, F401  they fill BUGS
    checkpoints,
    datasets,
    evaluations,
    loops,
    models,
    processes,
    steps,
    survivors,
    trainers,
    vaes,
)
