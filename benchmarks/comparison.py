"""The suites beside what a user could pick instead, on the same bugs and correct variants.

python benchmarks/comparison.py

runs the checks in alternatives/ on everything that detection.py runs the suites on, on the
variants with one seed, and writes docs/comparison.txt, beside what detection.py has found. Needs
what benchmarks/requirements.txt says.
"""

import csv
import re
import statistics
import sys
import warnings
from collections import Counter

from detection import BUGS, DOCS, VARIANTS, Verdicts, judge

from alternatives import ALTERNATIVES, NothingToCheck  # isort: skip
from tests.check_runs import in_parallel  # isort: skip

COLUMNS = {
    "dataset": ("dataset",),
    "model, vae": ("model", "vae"),
    "loss": ("loss function",),
    "trainer": ("trainer", "loss", "processes"),
}


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
    totals = Counter(column_of(bug.kind) for bug in BUGS)
    titles = [f"{column} ({totals[column]})" for column in COLUMNS]
    titles += [f"alarms ({len(VARIANTS)})", "s per variant"]
    lines = [f"{'bugs caught of':22}" + "".join(f"{title:>17}" for title in titles)]
    lines.append(line("these suites", *found_by_detection()))
    for name in ALTERNATIVES:
        caught = Counter(
            column_of(bug.kind)
            for bug, found in zip(BUGS, bugs, strict=True)
            if found[name].with_verdict("failed", "broken")
        )
        alarms = sum(bool(found[name].with_verdict("failed", "broken")) for found in variants)
        seconds = statistics.mean(sum(found[name].seconds.values()) for found in variants)
        lines.append(line(name, caught, alarms, seconds))
    return "\n".join(lines) + "\n"


def column_of(kind: str) -> str:
    """Where the bugs of a kind are counted: a trainer's own losses and its processes are its."""
    return next((column for column, kinds in COLUMNS.items() if kind in kinds), "trainer")


def line(name: str, caught: Counter, alarms: int, seconds: float) -> str:
    counts = [*(caught[column] for column in COLUMNS), alarms]
    return f"{name:22}" + "".join(f"{count:17}" for count in counts) + f"{seconds:17.2f}"


def found_by_detection() -> tuple[Counter, int, float]:
    """Bugs caught, false alarms and seconds per variant of the suites, from detection.py."""
    with open(DOCS / "kill_matrix.csv", newline="", encoding="utf-8") as file:
        rows = [row for row in csv.reader(file) if "failed" in row or "broken" in row]
    text = (DOCS / "detection.txt").read_text(encoding="utf-8")
    found = re.search(r"seeds? each: (\d+)\n.* take ([\d.]+) s", text)
    if not found:
        sys.exit(f"{DOCS / 'detection.txt'} says nothing of false alarms: run detection.py first.")
    return Counter(column_of(row[0]) for row in rows), int(found[1]), float(found[2])


def main() -> None:
    bugs = list(in_parallel(judge_bug, range(len(BUGS)), "bugs"))
    variants = list(in_parallel(judge_variant, range(len(VARIANTS)), "variants"))
    text = report(bugs, variants)
    (DOCS / "comparison.txt").write_text(text, encoding="utf-8")
    print(text, end="")


if __name__ == "__main__":
    main()
