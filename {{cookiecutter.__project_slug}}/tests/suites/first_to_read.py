# SPDX-License-Identifier: MIT
"""Says at the end of a run which of many failing checks to read first.

One fault fails many checks: a wrong image in the data shows in the models, and in the trainer once
more. Whichever runner starts them, the checks note here what fails.
"""

import atexit
import functools
import json
import os
import sys
import unittest
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

__unittest = True  # leaves the frames of this file out of a traceback

# What comes first is what the others build on.
PLACES = ("dataset", "loss", "model", "vae", "trainer")
# For a check, how often it names the fault itself where it fails: the share of the seeded bugs that
# it is meant for among all that it fails on. `python benchmarks/precedence.py` of the template
# writes it; a check that fails whatever is wrong comes last.
PRECEDENCE = Path(__file__).with_name("precedence.json")
# These say that something is wrong, whatever it is.
SYMPTOMS = ("overfits", "processes", "recorded")
LINES = 3  # of a message


@dataclass(frozen=True)
class Failure:
    """A check that has failed, with the first lines of what it says."""

    check: str  # as a runner names it
    place: int
    message: str


failures: dict[str, Failure] = {}  # by the name of the check, in the order of the run


def noting(check: Callable) -> Callable:
    """A check that notes what it fails with, also within its subtests."""

    @functools.wraps(check)
    def noted(case, *arguments, **settings):
        __tracebackhide__ = True  # pytest's way to leave out a frame
        case.subTest = noting_subtests(case, check)
        try:
            return check(case, *arguments, **settings)
        except unittest.SkipTest:
            raise
        except Exception as error:
            note(case, check, error)
            raise
        finally:
            del case.subTest

    return noted


def noting_subtests(case, check: Callable) -> Callable:
    subtest = case.subTest

    @contextmanager
    def noted(*arguments, **settings) -> Iterator[None]:
        with subtest(*arguments, **settings):
            try:
                yield
            except unittest.SkipTest:
                raise
            except Exception as error:
                note(case, check, error)
                raise

    return noted


def note(case, check: Callable, error: Exception) -> None:
    folder = next((part for part in check.__module__.split(".") if part in PLACES), PLACES[-1])
    lines = [line for line in str(error).splitlines() if line.strip()]
    message = "\n".join(f"    {line.strip()}" for line in lines[:LINES])
    name = f"{type(case).__module__}.{type(case).__qualname__}.{check.__name__}"
    failures.setdefault(name, Failure(name, PLACES.index(folder), message))


def first() -> Failure:
    """Of the data before the models, of these before the trainer; then the one that says most."""
    shares = json.loads(PRECEDENCE.read_text(encoding="utf-8"))

    def order(failure: Failure) -> tuple[int, bool, float]:
        check = failure.check.rpartition(".")[2]
        is_symptom = any(word in check for word in SYMPTOMS)
        return failure.place, is_symptom, -shares.get(check, 0.5)

    return min(failures.values(), key=order)


def show() -> None:
    """Prints the first one to read, where there are several."""
    if len(failures) > 1 and "PYTEST_XDIST_WORKER" not in os.environ:
        begin = f"\n{len(failures)} checks fail, perhaps all by one fault. Read this one first:"
        print(f"{begin}\n{first().check}\n{first().message}", file=sys.stderr)


atexit.register(show)
