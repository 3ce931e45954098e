"""How long the generated suite takes, against the time of importing what it needs.

python benchmarks/suite_time.py

generates a project with default answers in a temporary directory and measures, each in a process
of its own and the median of several rounds: the import of torch, torchvision and scipy; the whole
suite; and, without imports, what one more model variant adds to the tests of the models. The
measurements alternate, so that a busy machine slows all of them down alike. The result is written
to docs/suite_time.txt as well.
"""

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 7
IMPORTS = "import torch, torchvision, scipy"
ONE_MORE_VARIANT = """

class TestOneMoreCNNVAE(unittest.TestCase, AbstractTestVAE):
    def setUp(self):
        self.test_inputs = torch.randn(4, 1, 32, 32)
        self.net = CNNVAE(input_shape=(1, 32, 32), bottleneck_dim=8)
"""


def generate(directory: str) -> Path:
    command = [sys.executable, "-m", "cookiecutter", str(ROOT), "--no-input", "-o", directory]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return Path(directory) / "mnist-vae"


def seconds(project: Path, *arguments: str) -> tuple[float, str]:
    """Wall time of a Python process in the project, and what it printed."""
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, *arguments], cwd=project, check=True, capture_output=True, text=True
    )
    return time.perf_counter() - start, done.stderr


def seconds_of_tests(project: Path, *modules: str) -> float:
    """What unittest says that the tests of some modules take, without imports."""
    output = seconds(project, "-m", "unittest", *modules)[1]
    return float(re.search(r"Ran \d+ tests in ([\d.]+)s", output)[1])


def add_variant(tests: Path) -> None:
    imports = (tests / "test_model.py").read_text().split("\n\nclass")[0]
    (tests / "test_one_more.py").write_text(imports + ONE_MORE_VARIANT)


def main() -> None:
    ratios, imports, suites, variants = [], [], [], []
    with tempfile.TemporaryDirectory() as directory:
        project = generate(directory)
        seconds(project, "-m", "unittest")  # fills the caches of bytecode and files
        for _ in range(ROUNDS):
            imports.append(seconds(project, "-c", IMPORTS)[0])
            duration, output = seconds(project, "-m", "unittest")
            suites.append(duration)
            ratios.append(suites[-1] / imports[-1])  # a busy machine slows both down alike
        add_variant(project / "tests")
        for _ in range(ROUNDS):
            without = seconds_of_tests(project, "tests.test_model")
            variants.append(
                seconds_of_tests(project, "tests.test_model", "tests.test_one_more") - without
            )
    count = int(re.search(r"Ran (\d+) tests", output)[1])
    report = f"""\
tests in the suite                 {count:6d}
import torch, torchvision, scipy   {statistics.median(imports):6.2f} s
whole suite, imports included      {statistics.median(suites):6.2f} s
ratio (budget: 2.5)                {statistics.median(ratios):6.2f}
one more model variant             {statistics.median(variants):6.2f} s (budget: 0.7)
medians of {ROUNDS} rounds on {os.cpu_count()} cores
"""
    print(report, end="")
    (ROOT / "docs" / "suite_time.txt").write_text(report)


if __name__ == "__main__":
    main()
