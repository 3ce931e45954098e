"""Runs the generated suite again and again, with other seeds and in another order each time.

python benchmarks/flakes.py 200

generates a project with default answers, runs its suite that often in processes of their own, each
with its own seed of the random generators before every test and its tests shuffled, and writes the
number of runs and every failure to docs/flakes.txt. The processes are forked from one that has
imported the libraries, as imports take half of the time. Needs Python 3.11, and no Windows.
"""

import argparse
import io
import multiprocessing
import os
import random
import re
import sys
import tempfile
import unittest
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stderr, redirect_stdout
from functools import partial
from pathlib import Path

import torch
from suite_time import ROOT, generate
from tqdm import tqdm

LIBRARIES = ["torch.utils.tensorboard", "torchvision", "scipy.special"]


class ShuffledTests(unittest.TextTestRunner):
    """Seeds the random generators before every test."""

    def __init__(self, seed: int, stream):
        class Result(unittest.TextTestResult):
            def startTest(self, test):
                random.seed(f"{seed} {test.id()}")
                torch.manual_seed(random.getrandbits(32))
                super().startTest(test)

        super().__init__(stream, resultclass=Result)
        self.seed = seed

    def run(self, test):
        tests = sorted(cases(test), key=lambda case: case.id())
        random.Random(self.seed).shuffle(tests)
        return super().run(unittest.TestSuite(tests))


def cases(suite: unittest.TestSuite) -> Iterator[unittest.TestCase]:
    for part in suite:
        if isinstance(part, unittest.TestSuite):
            yield from cases(part)
        else:
            yield part


def run(project: Path, seed: int) -> str:
    """What a run with a seed prints where it fails, else nothing. Needs a process of its own."""
    os.chdir(project)
    output = io.StringIO()
    with redirect_stdout(output), redirect_stderr(output):
        tests = unittest.defaultTestLoader.discover(".")
        passed = ShuffledTests(seed, output).run(tests).wasSuccessful()
    return "" if passed else output.getvalue()


def failures_in(output: str) -> list[str]:
    """The names of the tests that failed, with their messages; the end of anything else."""
    found = re.findall(r"^(?:FAIL|ERROR): (.*)$", output, re.MULTILINE)
    messages = re.findall(r"^\w*(?:Error|Exception): (.*)$", output, re.MULTILINE)
    return [*found, *messages] or [output.strip()[-300:]]


def processes() -> ProcessPoolExecutor:
    """As many as there are cores, each for a single run."""
    usual = (multiprocessing.get_start_method(),)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(LIBRARIES)
    return ProcessPoolExecutor(
        os.cpu_count(), context, start_processes_by, usual, max_tasks_per_child=1
    )


def start_processes_by(method: str):
    """Otherwise the workers of a DataLoader would be started as these processes are."""
    multiprocessing.set_start_method(method, force=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Looks for tests that fail now and then.")
    parser.add_argument("runs", type=int, help="how often the suite is run")
    runs = parser.parse_args().runs
    if runs < 1:
        parser.error(f"runs is {runs}, but must be at least 1.")
    os.environ["OMP_NUM_THREADS"] = "1"  # read when a process imports PyTorch
    with tempfile.TemporaryDirectory() as directory, processes() as pool:
        outputs = pool.map(partial(run, generate(directory)), range(runs))
        failed = {seed: output for seed, output in enumerate(tqdm(outputs, "runs", runs)) if output}
    lines = [f"runs with other seeds and another order {runs:6d}", f"failed {len(failed):39d}"]
    for seed, output in failed.items():
        lines += [f"  seed {seed}: {text}" for text in failures_in(output)]
    report = "\n".join(lines) + "\n"
    (ROOT / "docs" / "flakes.txt").write_text(report, encoding="utf-8")
    print(report, end="")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
