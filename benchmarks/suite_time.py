"""How long the generated suite takes, against the time of importing what it needs.

python benchmarks/suite_time.py

generates a project with default answers in a temporary directory and measures, each in a process
of its own and the median of several rounds: the import of torch, torchvision and scipy; the whole
suite; and, without imports, what one more model variant adds to the tests of the models. The
measurements alternate, so that a busy machine slows all of them down alike. Then how the time of
the tests grows from 1 to 20 variants, and the time of each test. The result is written to
docs/suite_time.txt, the growth drawn in docs/suite_growth.svg and .png.
Needs benchmarks/requirements.txt.
"""

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 7
IMPORTS = "import torch, torchvision, scipy"
ONE_MORE_VARIANT = """

class TestCNNVAE{number}(unittest.TestCase, AbstractTestVAE):
    def setUp(self):
        self.test_inputs = torch.randn(4, 1, 32, 32)
        self.net = CNNVAE(input_shape=(1, 32, 32), bottleneck_dim={number})
"""
VARIANTS = (1, 5, 10, 15, 20)
# Prints the time of every test of the suite.
TIMES = """
import time, unittest

class Result(unittest.TestResult):
    def startTest(self, test):
        self.start = time.perf_counter()

    def stopTest(self, test):
        print(f"{time.perf_counter() - self.start:.3f} {test.id()}")

unittest.defaultTestLoader.discover(".").run(Result())
"""


def generate(directory: str, *options: str, template: Path = ROOT) -> Path:
    command = [sys.executable, "-m", "cookiecutter", "--no-input", "-o", directory, str(template)]
    subprocess.run([*command, *options], check=True, stdout=subprocess.DEVNULL)
    return Path(directory) / "mnist-vae"


def seconds(project: Path, *arguments: str) -> tuple[float, str]:
    """Wall time of a Python process in the project, and what it printed."""
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, *arguments], cwd=project, check=True, capture_output=True, text=True
    )
    return time.perf_counter() - start, done.stdout + done.stderr


def seconds_of_tests(project: Path, *modules: str) -> float:
    """What unittest says that the tests of some modules take, without imports."""
    output = seconds(project, "-m", "unittest", *modules)[1]
    return float(re.search(r"Ran \d+ tests in ([\d.]+)s", output)[1])


def write_variants(project: Path, count: int) -> str:
    """Writes a module of tests of so many variants of the convolutional network."""
    tests = project / "tests"
    imports = (tests / "test_model.py").read_text().split("\n\nclass")[0]
    variants = [ONE_MORE_VARIANT.format(number=number) for number in range(1, count + 1)]
    (tests / "test_variants.py").write_text(imports + "".join(variants))
    return "tests.test_variants"


def growth(project: Path) -> dict[int, float]:
    """Seconds for the tests of 1 to 20 variants."""
    return {count: seconds_of_tests(project, write_variants(project, count)) for count in VARIANTS}


def draw_growth(found: dict[int, float]) -> None:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    matplotlib.rcParams["svg.hashsalt"] = "growth"  # the same picture, the same file
    figure, axes = plt.subplots(figsize=(6, 3.5), layout="constrained")
    axes.plot(list(found), list(found.values()), "o-")
    axes.set(xlabel="model variants", ylabel="seconds, without imports", xlim=0, ylim=0)
    axes.grid(alpha=0.3)
    path = ROOT / "docs" / "suite_growth"
    figure.savefig(path.with_suffix(".png"), dpi=100)
    figure.savefig(path.with_suffix(".svg"), metadata={"Date": None})


def slowest_tests(project: Path) -> str:
    """The median and the largest times of single tests."""
    lines = re.findall(r"^([\d.]+) tests\.(\S+)$", seconds(project, "-c", TIMES)[1], re.MULTILINE)
    times = sorted(((float(time), name) for time, name in lines), reverse=True)
    median = statistics.median(time for time, _ in times)
    rows = [f"{time:9.3f} s  {name}" for time, name in times[:8]]
    return "\n".join([f"median of one test {median:24.3f} s, the slowest:", *rows])


@dataclass
class Times:
    """Medians over some rounds, in each of which suite and imports follow each other."""

    tests: int
    imports: float
    suite: float
    ratio: float  # of the two in one round: a busy machine slows both down alike


def times_of(project: Path) -> Times:
    seconds(project, "-m", "unittest")  # fills the caches of bytecode and files
    imports, suites = [], []
    for _ in range(ROUNDS):
        imports.append(seconds(project, "-c", IMPORTS)[0])
        duration, output = seconds(project, "-m", "unittest")
        suites.append(duration)
    ratios = [suite / own for suite, own in zip(suites, imports, strict=True)]
    count = int(re.search(r"Ran (\d+) tests", output)[1])
    return Times(count, *map(statistics.median, (imports, suites, ratios)))


def main() -> None:
    variants = []
    with tempfile.TemporaryDirectory() as directory:
        project = generate(directory)
        found = times_of(project)
        others = []
        for task in ("classifier", "gan"):
            generate(directory, f"task={task}")
            times = times_of(Path(directory, f"mnist-{task}"))
            line = f"the same of a project of task {task}, {times.tests} tests"
            others.append(f"{line:54}{times.ratio:6.2f}")
        slowest = slowest_tests(project)
        module = write_variants(project, 1)
        for _ in range(ROUNDS):
            without = seconds_of_tests(project, "tests.test_model")
            variants.append(seconds_of_tests(project, "tests.test_model", module) - without)
        grown = growth(project)
    draw_growth(grown)
    table = "\n".join(f"{count:9d} {duration:8.1f} s" for count, duration in grown.items())
    other_tasks = "\n".join(others)
    report = f"""\
tests in the suite                 {found.tests:6d}
import torch, torchvision, scipy   {found.imports:6.2f} s
whole suite, imports included      {found.suite:6.2f} s
ratio (budget: 2.5)                {found.ratio:6.2f}
{other_tasks}
one more model variant             {statistics.median(variants):6.2f} s (budget: 0.7)
medians of {ROUNDS} rounds on {os.cpu_count()} cores

{slowest}

tests of so many variants take, without imports
{table}
"""
    print(report, end="")
    (ROOT / "docs" / "suite_time.txt").write_text(report)


if __name__ == "__main__":
    main()
