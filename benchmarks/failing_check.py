"""Breaks the model of a new project and draws what its suite says.

python benchmarks/failing_check.py

writes docs/failing_check.svg: the command, and the output of the first check that fails, without
the traceback.
"""

import io
import re
import subprocess
import sys
import tempfile

from rich.console import Console
from rich.text import Text
from suite_time import ROOT, generate

RIGHT = "return mu + log_sigma.exp() * noise"
WRONG = "return mu + log_sigma.exp() * noise - mu.mean(dim=0)"
TEST = "tests.test_model.TestMLPVAE.test_batch_independence_by_gradient"


def broken_run() -> str:
    """What unittest prints for a model whose samples are mixed by a mean over the batch."""
    with tempfile.TemporaryDirectory() as directory:
        project = generate(directory)
        model = project / "mnist_vae" / "model.py"
        source = model.read_text()
        assert RIGHT in source, "model.py has changed: adapt the bug"
        model.write_text(source.replace(RIGHT, WRONG))
        command = [sys.executable, "-m", "unittest", TEST]
        return subprocess.run(command, cwd=project, capture_output=True, text=True).stderr


def first_failure(output: str) -> list[str]:
    """The lines of the first failure, without its traceback."""
    failure = output.split("=" * 70)[1].strip()
    head, _, rest = failure.partition("Traceback (most recent call last):")
    message = rest[rest.index("AssertionError: ") :]
    return [*head.strip().splitlines(), *message.strip().splitlines()]


def main() -> None:
    console = Console(record=True, width=100, file=io.StringIO())
    console.print(Text(f"# in model.py: {WRONG}", style="dim"))
    console.print(Text("$ python -m unittest", style="bold"))
    for line in first_failure(broken_run()):
        style = "bold red" if line.startswith(("FAIL", "AssertionError")) else ""
        console.print(Text(line, style=style))
    svg = console.export_svg(title="One wrong line", unique_id="failing-check")
    # Without the fonts that rich would load from the web: the reader's own will do.
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    (ROOT / "docs" / "failing_check.svg").write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
