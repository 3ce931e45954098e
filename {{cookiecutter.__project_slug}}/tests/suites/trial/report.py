# SPDX-License-Identifier: MIT
"""Runs a test case, and prints the report of unittest without lines of code of the suites."""

import importlib.util
import sys
import unittest
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any

# Where a failure comes from that is a verdict of the suites, and no assertion of the subject's own.
OURS = (__package__.rpartition(".")[0], "unittest", "torch.testing")


class Result(unittest.TextTestResult):
    """Under its sentence, each failure has its message; errors keep their lines of code."""

    def addFailure(self, test, err):
        super().addFailure(test, without_lines(err))

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err and without_lines(err))


class Runner(unittest.TextTestRunner):
    resultclass: Any = Result


def without_lines(error: tuple) -> tuple:
    """The same failure without its traceback, where the last line of that is one of the suites."""
    kind, value, traceback = error
    if not (issubclass(kind, AssertionError) and module_of(traceback).startswith(OURS)):
        return error
    value.__suppress_context__ = True
    return kind, value, None


def module_of(traceback: TracebackType | None) -> str:
    """The name of the module of the innermost frame."""
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    return traceback.tb_frame.f_globals.get("__name__", "") if traceback else ""


def loaded(path: Path) -> ModuleType:
    """The module in a file, wherever that is."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module  # where pickle looks for its classes
    spec.loader.exec_module(module)
    return module


def run(path: Path) -> bool:
    """Runs the tests in a file and prints the report; whether none of them fails."""
    tests = unittest.defaultTestLoader.loadTestsFromModule(loaded(path))
    return Runner(verbosity=2).run(tests).wasSuccessful()
