"""Runs the tests of a new project, then breaks its model and draws what its suite says.

python benchmarks/failing_check.py

writes docs/green_run.txt: the command and its output; and docs/failing_check.svg: the same for the
broken model, of which only the first check that fails, without the traceback.
"""

import io
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text
from suite_time import ROOT, generate

RIGHT = "return mu + log_sigma.exp() * noise"
WRONG = "return mu + log_sigma.exp() * noise - mu.mean(dim=0)"
TEST = "tests.test_model.TestMLPVAE.test_batch_independence_by_gradient"


def output_of(project: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "unittest", *arguments]
    return subprocess.run(command, cwd=project, capture_output=True, text=True).stderr


def break_model(project: Path) -> None:
    """The samples are mixed by a mean over the batch."""
    model = project / "mnist_vae" / "model.py"
    source = model.read_text()
    assert RIGHT in source, "model.py has changed: adapt the bug"
    model.write_text(source.replace(RIGHT, WRONG))


def first_failure(output: str) -> list[str]:
    """The lines of the first failure, without its traceback."""
    failure = output.split("=" * 70)[1].strip()
    head, _, rest = failure.partition("Traceback (most recent call last):")
    message = rest[rest.index("AssertionError: ") :]
    return [*head.strip().splitlines(), *message.strip().splitlines()]


def draw(failure: list[str]) -> str:
    console = Console(record=True, width=100, file=io.StringIO())
    console.print(Text(f"# in model.py: {WRONG}", style="dim"))
    console.print(Text("$ python -m unittest", style="bold"))
    for line in failure:
        style = "bold red" if line.startswith(("FAIL", "AssertionError")) else ""
        console.print(Text(line, style=style))
    svg = console.export_svg(title="One wrong line", unique_id="failing-check")
    # Without the fonts that rich would load from the web: the reader's own will do.
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)


def main() -> None:
    with tempfile.TemporaryDirectory() as directory:
        project = generate(directory)
        green = output_of(project)
        break_model(project)
        red = output_of(project, TEST)
    assert green.rstrip().splitlines()[-1].startswith("OK"), green
    shown = f"$ python -m unittest\n{green.strip()}\n"
    (ROOT / "docs" / "green_run.txt").write_text(shown, encoding="utf-8")
    (ROOT / "docs" / "failing_check.svg").write_text(draw(first_failure(red)), encoding="utf-8")


if __name__ == "__main__":
    main()
