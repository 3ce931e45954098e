# SPDX-License-Identifier: MIT
"""Packages that some checks need and most do not; where one is missing, they skip.

The import stands in the check, so that whoever has only torch and numpy runs all others.
"""

import importlib
import importlib.util
import unittest
from types import ModuleType


def scipy_special() -> ModuleType:
    """scipy.special; scipy.stats takes half a second to import."""
    return needed("scipy.special", "SciPy", "the exact quantiles of statistical laws")


def writer_class() -> type:
    """The class SummaryWriter of torch.utils.tensorboard."""
    needed("tensorboard", "TensorBoard", "the writer that a summary may be")
    return importlib.import_module("torch.utils.tensorboard").SummaryWriter


def event_accumulator() -> type:
    """The class that reads the event files of TensorBoard."""
    name = "tensorboard.backend.event_processing.event_accumulator"
    return needed(name, "TensorBoard", "the event files that a trainer writes").EventAccumulator


def is_installed(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def needed(module: str, package: str, what: str) -> ModuleType:
    """A module; where it is not installed, the test that asks for it is skipped."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError:
        raise unittest.SkipTest(
            f"This check needs {package}, for {what}: python -m pip install {package.lower()}"
        ) from None
