"""All suites, seeded bugs and correct variants. Nothing is registered by an import.

A bug or variant is noted on its class or function by a decorator (seeding.py, varying.py);
`bugs()` and `variants()` collect them from the folders of the same names.
"""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from suites import (
    AbstractTestClassifierTrainer,
    AbstractTestCommandLine,
    AbstractTestDataset,
    AbstractTestGANTrainer,
    AbstractTestLoss,
    AbstractTestModel,
    AbstractTestTrainer,
    AbstractTestVAE,
    AbstractTestVAETrainer,
)

SUITES = (
    AbstractTestDataset,
    AbstractTestModel,
    AbstractTestVAE,
    AbstractTestLoss,
    AbstractTestTrainer,
    AbstractTestVAETrainer,
    AbstractTestClassifierTrainer,
    AbstractTestGANTrainer,
    AbstractTestCommandLine,
)
NAMES = {
    AbstractTestDataset: "dataset",
    AbstractTestModel: "model",
    AbstractTestVAE: "vae",
    AbstractTestLoss: "loss function",
    AbstractTestTrainer: "trainer",
    AbstractTestVAETrainer: "trainer",
    AbstractTestClassifierTrainer: "trainer",
    AbstractTestGANTrainer: "trainer",
    AbstractTestCommandLine: "trainer",
}
# A "loss" is one that a trainer computes and logs; parts of its suite are counted by themselves.
KINDS_BY_PATH = {
    "trainer.vae.kl": "loss",
    "trainer.vae.losses": "loss",
    "trainer.processes": "processes",
}
KINDS = ("dataset", "model", "vae", "loss function", "loss", "trainer", "processes")


@dataclass(frozen=True)
class Bug:
    """A bug, the check that must fail on it, and a pattern of that check's message."""

    name: str
    suite: type
    check: str
    message: str
    set_up: Callable  # sets the attributes of a test case
    path: str  # of its module within bugs/, as "trainer.steps"
    source: str
    missed: str = ""  # why no check fails on it

    @property
    def kind(self) -> str:
        """What the bug is in: one of KINDS."""
        if self.missed or self.suite is AbstractTestLoss:
            return NAMES[self.suite]
        return KINDS_BY_PATH.get(self.path, self.path.partition(".")[0])


@dataclass(frozen=True)
class Variant:
    """Something correct but unusual, on which no check of its suite may fail."""

    name: str
    suite: type
    set_up: Callable  # sets the attributes of a test case


@cache
def bugs() -> tuple[Bug, ...]:
    """The bugs that a check is meant for, in the order of their modules."""
    return tuple(bug for bug in collected("bugs", "seeded_bug") if not bug.missed)


@cache
def undetected_bugs() -> tuple[Bug, ...]:
    """The bugs that no check sees, each with the reason."""
    return tuple(bug for bug in collected("bugs", "seeded_bug") if bug.missed)


@cache
def variants() -> tuple[Variant, ...]:
    return tuple(collected("variants", "correct_variant"))


def collected(folder: str, mark: str) -> list:
    """What carries a mark in the modules of a folder, each where it is defined."""
    package = importlib.import_module(f".{folder}", __package__)
    names = [m.name for m in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")]
    modules = map(importlib.import_module, sorted(names))
    return [
        vars(subject)[mark]
        for module in modules
        for subject in vars(module).values()
        if mark in getattr(subject, "__dict__", {}) and subject.__module__ == module.__name__
    ]
