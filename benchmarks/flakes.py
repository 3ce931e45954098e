"""Runs the generated suite again and again, with other seeds and in another order each time.

python benchmarks/flakes.py 200

generates a project with default answers, runs its suite that often in processes of their own, each
with its own seed of the random generators before every test and its tests shuffled, and writes the
number of runs and every failure to docs/flakes.txt.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from suite_time import ROOT, generate
from tqdm import tqdm

RUN = """
import random, sys, unittest
import torch

seed = int(sys.argv[1])

def cases(suite):
    for part in suite:
        yield from cases(part) if isinstance(part, unittest.TestSuite) else [part]

class Result(unittest.TextTestResult):
    def startTest(self, test):
        random.seed(f"{seed} {test.id()}")
        torch.manual_seed(random.getrandbits(32))
        super().startTest(test)

tests = sorted(cases(unittest.defaultTestLoader.discover(".")), key=lambda test: test.id())
random.Random(seed).shuffle(tests)
runner = unittest.TextTestRunner(resultclass=Result)
sys.exit(not runner.run(unittest.TestSuite(tests)).wasSuccessful())
"""


def run(project: Path, seed: int) -> str:
    """What a run with a seed prints where it fails, else nothing."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(seed)],
        cwd=project,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    return done.stderr if done.returncode else ""


def failures_in(output: str) -> list[str]:
    """The names of the tests that failed, with their messages; the end of anything else."""
    found = re.findall(r"^(?:FAIL|ERROR): (.*)$", output, re.MULTILINE)
    messages = re.findall(r"^\w*(?:Error|Exception): (.*)$", output, re.MULTILINE)
    return [*found, *messages] or [output.strip()[-300:]]


def main() -> None:
    parser = argparse.ArgumentParser(description="Looks for tests that fail now and then.")
    parser.add_argument("runs", type=int, help="how often the suite is run")
    runs = parser.parse_args().runs
    if runs < 1:
        parser.error(f"runs is {runs}, but must be at least 1.")
    with tempfile.TemporaryDirectory() as directory, ThreadPoolExecutor(os.cpu_count()) as pool:
        project = generate(directory)
        failed = {}
        outputs = pool.map(lambda seed: run(project, seed), range(runs))
        for seed, output in enumerate(tqdm(outputs, "runs", runs)):
            if output:
                failed[seed] = output
                tqdm.write(f"The run with seed {seed} failed.", file=sys.stderr)
    lines = [f"runs with other seeds and another order {runs:6d}", f"failed {len(failed):39d}"]
    for seed, output in failed.items():
        lines += [f"  seed {seed}: {text}" for text in failures_in(output)]
    report = "\n".join(lines) + "\n"
    (ROOT / "docs" / "flakes.txt").write_text(report, encoding="utf-8")
    print(report, end="")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
