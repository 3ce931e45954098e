"""Which of several failing checks is likely to name the fault itself.

python benchmarks/precedence.py

reads what benchmarks/detection.py has written to docs/kill_matrix.csv, and writes, for every check,
the share of the seeded bugs that it is meant for among those that it fails on, to precedence.json
of the suites. Prints how often the first one to read is the one that is meant, of bugs that have no
part in the shares: those of one fifth, by the shares of the others.
"""

import csv
import json
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDS = 5
NOTICED = ("failed", "broken")
Bug = tuple[str, list[str]]  # the check that it is meant for, and those that fail


def read_bugs() -> list[Bug]:
    with open(ROOT / "docs" / "kill_matrix.csv", newline="", encoding="utf-8") as file:
        header, *lines = csv.reader(file)
    first = header.index("meant for") + 1
    names = header[first:]
    return [
        (line[first - 1], [n for n, v in zip(names, line[first:], strict=True) if v in NOTICED])
        for line in lines
    ]


def shares(bugs: list[Bug]) -> dict[str, float]:
    """One half where nothing is known; a single bug does not decide."""
    fails = Counter(check for _, failing in bugs for check in failing)
    own = Counter(meant for meant, failing in bugs if meant in failing)
    return {c: round((own[c] + 0.5) / (count + 1), 2) for c, count in sorted(fails.items())}


def first_is_meant(bugs: list[Bug], known: dict[str, float]) -> int:
    return sum(min(failing, key=lambda c: -known.get(c, 0.5)) == meant for meant, failing in bugs)


def main() -> None:
    bugs = [(meant, failing) for meant, failing in read_bugs() if meant in failing]
    several = [bug for bug in bugs if len(bug[1]) > 1]
    right = 0
    for fold in range(FOLDS):
        rest = [bug for i, bug in enumerate(several) if i % FOLDS != fold]
        alone = [bug for bug in bugs if len(bug[1]) == 1]
        right += first_is_meant(several[fold::FOLDS], shares(rest + alone))
    print(f"{len(bugs)} bugs, of which several checks fail on {len(several)}")
    print(f"of these, the first one to read is the one that is meant for {right}")
    (suites,) = ROOT.glob("{{*/tests/suites")
    (suites / "precedence.json").write_text(
        json.dumps(shares(bugs), indent=0) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
