"""Runs a check of a suite on attributes that are set by a function, in either base order."""

import atexit
import multiprocessing
import os
import unittest
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

import torch
from suites import first_to_read
from tqdm import tqdm

T = TypeVar("T")
R = TypeVar("R")

# These fail on purpose: nobody is to read them.
atexit.unregister(first_to_read.show)

# With SEEDS, all bugs and variants are tried; without, as many as a minute or two allows.
WHOLE = "SEEDS" in os.environ

BASE_ORDERS = {
    "TestCase first": lambda suite: (unittest.TestCase, suite),
    "suite first": lambda suite: (suite, unittest.TestCase),
}


def case_class(name: str, suite: type, set_up: Callable, base_order: str, seed: int = 0) -> type:
    """A concrete test case, as an owner of a project would write it."""

    def seeded_set_up(self):
        torch.manual_seed(seed)
        set_up(self)

    return type(f"Test{name}", BASE_ORDERS[base_order](suite), {"setUp": seeded_set_up})


def checks_of(suite: type) -> list[str]:
    """The names of all tests of a suite; `test_inputs` is an attribute."""
    return [n for n in dir(suite) if n.startswith("test_") and callable(getattr(suite, n))]


def run_check(case: type, check: str) -> unittest.TestResult:
    result = unittest.TestResult()
    case(check).run(result)
    return result


def messages(failures: list) -> list[str]:
    """The messages without the tracebacks that unittest puts above them."""
    marks = ("AssertionError: ", "Error: ")
    return [
        trace.split(next(m for m in marks if m in trace), 1)[1].strip() for _, trace in failures
    ]


def in_parallel(
    function: Callable[[T], R], tasks: Sequence[T], what: str | None = None
) -> Iterator[R]:
    """What a function returns for every task, computed in as many processes as cores.

    A bar shows how far it is, on a terminal.
    """
    context = multiprocessing.get_context("spawn")
    usual = (multiprocessing.get_start_method(),)
    with ProcessPoolExecutor(os.cpu_count(), context, start_processes_by, usual) as pool:
        results = pool.map(function, tasks)
        yield from tqdm(results, what, len(tasks), leave=False, disable=None)


def start_processes_by(method: str):
    """A process that was spawned would spawn its own, such as the workers of a DataLoader, as well.

    Each of them would import everything anew.
    """
    multiprocessing.set_start_method(method, force=True)
