"""Runs something in an edited copy of a generated project, in a process of its own.

The processes are forked from this one, which has imported the libraries: not for Windows.
"""

import contextlib
import importlib
import io
import multiprocessing
import os
import shutil
import sys
import tempfile
import unittest
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import scipy.stats  # noqa: F401
import torch
import torch.utils.tensorboard  # noqa: F401
import torchvision  # noqa: F401

SECONDS = 300  # a process that takes longer has failed


@dataclass
class Edit:
    """Some text in a file of a project, and what takes its place; "" stands for the whole file."""

    file: str
    old: str
    new: str

    def apply(self, project: Path) -> None:
        """Raises ValueError unless the text stands in the file exactly once."""
        path = project / self.file
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        if not self.old:
            text, old = "", ""
        elif text.count(self.old) != 1:
            raise ValueError(f"{self.file} has {self.old!r} {text.count(self.old)} times.")
        else:
            old = self.old
        path.write_text(text.replace(old, self.new, 1) if old else self.new, encoding="utf-8")


def in_edited(project: Path, edits: list[Edit], function: Callable[[Path], Any]) -> Any:
    """What a function returns of an edited copy of a project, in which it is called.

    Raises RuntimeError where the process ends otherwise, or takes too long.
    """
    context = multiprocessing.get_context("fork")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copytree(project, Path(folder, project.name)))
        for edit in edits:
            edit.apply(copy)
        receiver, sender = context.Pipe(duplex=False)
        process = context.Process(target=call, args=(copy, function, sender))
        process.start()
        sender.close()
        try:
            if not receiver.poll(SECONDS):
                raise RuntimeError(f"it takes more than {SECONDS} s.")
            kind, value = receiver.recv()
        except EOFError:
            raise RuntimeError("the process has ended without an answer.") from None
        finally:
            process.kill()
            process.join()
    if kind == "error":
        raise RuntimeError(value)
    return value


def call(project: Path, function: Callable[[Path], Any], sender) -> None:
    os.chdir(project)
    sys.path.insert(0, str(project))
    torch.set_num_threads(1)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    try:
        sender.send(("value", function(project)))
    except BaseException as error:  # whatever an edited project does, the list goes on
        sender.send(("error", f"{type(error).__name__}: {error}"))
    sender.close()
    os._exit(0)


def printed(code: str) -> Callable[[Path], str]:
    """For `in_edited`: what a piece of Python prints in the project."""

    def run(project: Path) -> str:
        torch.manual_seed(0)
        with contextlib.redirect_stdout(io.StringIO()) as text:
            exec(compile(code, "measure", "exec"), {"__name__": "measure"})
        return text.getvalue().strip()

    return run


@dataclass
class Failure:
    """A test that failed: where it comes from, and what it says."""

    test: str
    of_the_suites: bool
    message: str


class Result(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.found: list[Failure] = []

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.note(test, err)

    def addError(self, test, err):
        super().addError(test, err)
        self.note(test, err)

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.note(test, err)

    def note(self, test, err) -> None:
        method = getattr(test, getattr(test, "_testMethodName", ""), None)
        of_the_suites = getattr(method, "__module__", "").startswith("tests.suites")
        self.found.append(Failure(test.id(), of_the_suites, str(err[1]) or type(err[1]).__name__))


def failures(project: Path) -> list[Failure]:
    """For `in_edited`: the tests of a project that fail, the one to read first at the front."""
    result = Result()
    unittest.defaultTestLoader.discover(".").run(result)
    noted = importlib.import_module("tests.suites.first_to_read")
    first = noted.first().check if noted.failures else None
    return sorted(result.found, key=lambda failure: failure.test != first)
