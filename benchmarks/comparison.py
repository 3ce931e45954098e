"""The suites beside what a user could pick instead, on the same bugs and correct variants.

python benchmarks/comparison.py

runs the suites, and the checks in alternatives.py, on everything that detection.py runs the suites
on, on the variants with one seed, and writes docs/comparison.txt. Needs what
benchmarks/requirements.txt says.
"""

import statistics
import warnings

from detection import BUGS, DOCS, Verdicts, judge
from tqdm import tqdm

from alternatives import ALTERNATIVES  # isort: skip
from tests.cases import in_parallel  # isort: skip
from tests.correct import VARIANTS, set_up_of  # isort: skip

SUITES = {suite for suite, _ in VARIANTS}
CONTENDERS = {"these suites": {suite: suite for suite in SUITES}, **ALTERNATIVES}


def judge_bug(index: int) -> dict[str, Verdicts]:
    """What each says of a bug."""
    warnings.simplefilter("ignore")
    bug = BUGS[index]
    return {n: judge(bug.name, suites[bug.suite], bug.set_up) for n, suites in CONTENDERS.items()}


def judge_variant(index: int) -> dict[str, Verdicts]:
    """What each says of a correct variant."""
    warnings.simplefilter("ignore")
    suite, variant = VARIANTS[index]
    set_up = set_up_of(suite, variant)
    return {n: judge(variant.__name__, suites[suite], set_up) for n, suites in CONTENDERS.items()}


def report(bugs: list[dict[str, Verdicts]], variants: list[dict[str, Verdicts]]) -> str:
    """A line for each; a check that breaks or never ends would be noticed, so that it counts."""
    lines = [f"{'':22}{'bugs caught':>16}{'false alarms':>18}{'seconds per variant':>22}"]
    for name in CONTENDERS:
        caught, alarms = (
            sum(bool(found[name].with_verdict("failed", "broken")) for found in subjects)
            for subjects in (bugs, variants)
        )
        seconds = statistics.mean(sum(found[name].seconds.values()) for found in variants)
        lines.append(
            f"{name:22}{f'{caught} of {len(bugs)}':>16}"
            f"{f'{alarms} of {len(variants)}':>18}{seconds:22.2f}"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    bugs = list(tqdm(in_parallel(judge_bug, range(len(BUGS))), "bugs", len(BUGS)))
    count = len(VARIANTS)
    variants = list(tqdm(in_parallel(judge_variant, range(count)), "variants", count))
    text = report(bugs, variants)
    (DOCS / "comparison.txt").write_text(text, encoding="utf-8")
    print(text, end="")


if __name__ == "__main__":
    main()
