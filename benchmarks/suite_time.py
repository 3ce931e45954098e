"""How long the generated suite takes, against the time of importing what it needs.

python benchmarks/suite_time.py

generates a project with default answers in a temporary directory and measures, each in a process
of its own and the median of several rounds: the import of torch, torchvision and scipy; the whole
suite; the suite with one more model variant. The rounds alternate, so that a busy machine slows
all of them down alike. The result is written to docs/suite_time.txt as well.
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
ROUNDS = 5
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


def main() -> None:
    times: dict[str, list[float]] = {"imports": [], "suite": [], "one more": []}
    with tempfile.TemporaryDirectory() as directory:
        project = generate(directory)
        tests = project / "tests"
        seconds(project, "-m", "unittest")  # fills the caches of bytecode and files
        for _ in range(ROUNDS):
            times["imports"].append(seconds(project, "-c", IMPORTS)[0])
            duration, output = seconds(project, "-m", "unittest")
            times["suite"].append(duration)
            variant = tests / "test_one_more.py"
            variant.write_text((tests / "test_model.py").read_text().split("\n\nclass")[0])
            with variant.open("a") as file:
                file.write(ONE_MORE_VARIANT)
            times["one more"].append(seconds(project, "-m", "unittest")[0])
            os.remove(variant)
    imports, suite, one_more = (statistics.median(values) for values in times.values())
    count = int(re.search(r"Ran (\d+) tests", output)[1])
    report = f"""\
tests in the suite                 {count:6d}
import torch, torchvision, scipy   {imports:6.2f} s
whole suite, imports included      {suite:6.2f} s
ratio (budget: 2.5)                {suite / imports:6.2f}
one more model variant             {one_more - suite:6.2f} s (budget: 0.7)
median of {ROUNDS} rounds on {os.cpu_count()} cores
"""
    print(report, end="")
    (ROOT / "docs" / "suite_time.txt").write_text(report)


if __name__ == "__main__":
    main()
