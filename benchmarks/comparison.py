"""The suites beside what a user could pick instead, on the same bugs and correct variants.

python benchmarks/comparison.py

runs the checks in alternatives.py on everything that detection.py runs the suites on, on the
variants with one seed, and writes docs/comparison.txt, beside what detection.py has found. Needs
what benchmarks/requirements.txt says.
"""

import csv
import re
import statistics
import sys
import warnings

from detection import BUGS, DOCS, VARIANTS, Verdicts, judge
from tqdm import tqdm

from alternatives import ALTERNATIVES, NothingToCheck  # isort: skip
from tests.check_runs import in_parallel  # isort: skip


def judge_bug(index: int) -> dict[str, Verdicts]:
    """What every alternative says of a bug."""
    warnings.simplefilter("ignore")
    bug = BUGS[index]
    return {
        n: judge(bug.name, suites.get(bug.suite, NothingToCheck), bug.set_up)
        for n, suites in ALTERNATIVES.items()
    }


def judge_variant(index: int) -> dict[str, Verdicts]:
    """What every alternative says of a correct variant."""
    warnings.simplefilter("ignore")
    variant = VARIANTS[index]
    return {
        name: judge(variant.name, suites.get(variant.suite, NothingToCheck), variant.set_up)
        for name, suites in ALTERNATIVES.items()
    }


def report(bugs: list[dict[str, Verdicts]], variants: list[dict[str, Verdicts]]) -> str:
    """A line for each; a check that breaks or never ends would be noticed, so that it counts."""
    lines = [f"{'':22}{'bugs caught':>16}{'false alarms':>18}{'seconds per variant':>22}"]
    lines.append(line("these suites", *found_by_detection()))
    for name in ALTERNATIVES:
        caught, alarms = (
            sum(bool(found[name].with_verdict("failed", "broken")) for found in subjects)
            for subjects in (bugs, variants)
        )
        seconds = statistics.mean(sum(found[name].seconds.values()) for found in variants)
        lines.append(line(name, caught, alarms, seconds))
    return "\n".join(lines) + "\n"


def line(name: str, caught: int, alarms: int, seconds: float) -> str:
    found = f"{f'{caught} of {len(BUGS)}':>16}{f'{alarms} of {len(VARIANTS)}':>18}"
    return f"{name:22}{found}{seconds:22.2f}"


def found_by_detection() -> tuple[int, int, float]:
    """Bugs caught, false alarms and seconds per variant of the suites, from detection.py."""
    with open(DOCS / "kill_matrix.csv", newline="", encoding="utf-8") as file:
        caught = sum("failed" in row or "broken" in row for row in csv.reader(file))
    text = (DOCS / "detection.txt").read_text(encoding="utf-8")
    found = re.search(r"seeds each: (\d+)\n.* take ([\d.]+) s", text)
    if not found:
        sys.exit(f"{DOCS / 'detection.txt'} says nothing of false alarms: run detection.py first.")
    return caught, int(found[1]), float(found[2])


def main() -> None:
    bugs = list(tqdm(in_parallel(judge_bug, range(len(BUGS))), "bugs", len(BUGS)))
    count = len(VARIANTS)
    variants = list(tqdm(in_parallel(judge_variant, range(count)), "variants", count))
    text = report(bugs, variants)
    (DOCS / "comparison.txt").write_text(text, encoding="utf-8")
    print(text, end="")


if __name__ == "__main__":
    main()
