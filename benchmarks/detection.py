"""What the suites catch, what they miss and where they cry wolf.

python benchmarks/detection.py [--seeds 20]

runs every check of a suite on every seeded bug in tests/bugs, and on every correct variant in
tests/variants with that many seeds. It writes docs/kill_matrix.csv (bugs × checks), its
pictures docs/kill_matrix.png and .svg, docs/detection.txt, and docs/detection_details.txt: the bugs
that are missed, the checks without a bug of their own, the time of the slowest. Needs
benchmarks/requirements.txt.
"""

import argparse
import csv
import signal
import statistics
import sys
import time
import unittest
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.check_runs import case_class, checks_of, in_parallel, run_check  # noqa: E402
from tests.registry import KINDS, bugs, undetected_bugs, variants  # noqa: E402

from kill_matrix import draw  # noqa: E402  isort: skip

DOCS = ROOT / "docs"
BUGS = sorted([*bugs(), *undetected_bugs()], key=lambda bug: KINDS.index(bug.kind))
VARIANTS = variants()
CHECKS = {check for bug in BUGS for check in checks_of(bug.suite)}
# Some bugs make a check run for ever, as a dataset without an end does.
TIME_LIMIT = 30


@dataclass
class Verdicts:
    """What the checks of a suite say of one subject: "failed", "broken", "skipped" or "passed"."""

    of_check: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def with_verdict(self, *verdicts: str) -> set[str]:
        return {check for check, verdict in self.of_check.items() if verdict in verdicts}


def stop(*_):
    raise TimeoutError(f"Not finished after {TIME_LIMIT} s.")


def judge(subject: str, suite: type, set_up: Callable, seed: int = 0) -> Verdicts:
    """Runs every check of a suite on a subject."""
    verdicts = Verdicts()
    case = case_class(subject, suite, set_up, "TestCase first", seed)
    signal.signal(signal.SIGALRM, stop)
    for check in checks_of(suite):
        start = time.perf_counter()
        signal.alarm(TIME_LIMIT)
        result = run_check(case, check)
        signal.alarm(0)
        verdicts.seconds[check] = time.perf_counter() - start
        verdicts.of_check[check] = verdict_of(result)
    return verdicts


def verdict_of(result: unittest.TestResult) -> str:
    if result.errors:
        return "broken"
    if result.failures:
        return "failed"
    return "skipped" if result.skipped else "passed"


def judge_bug(index: int) -> Verdicts:
    warnings.simplefilter("ignore")
    bug = BUGS[index]
    return judge(bug.name, bug.suite, bug.set_up)


def judge_variant(task: tuple[int, int]) -> Verdicts:
    """The verdicts on a correct variant with one seed."""
    warnings.simplefilter("ignore")
    index, seed = task
    variant = VARIANTS[index]
    return judge(variant.name, variant.suite, variant.set_up, seed)


def write_table(verdicts: list[Verdicts]):
    """A row for every bug, a column for every check; empty where the check passes."""
    checks = list(dict.fromkeys(check for v in verdicts for check in v.of_check))
    with open(DOCS / "kill_matrix.csv", "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["kind", "bug", "source", "meant for", *checks])
        for bug, found in zip(BUGS, verdicts, strict=True):
            cells = [found.of_check.get(check, "").replace("passed", "") for check in checks]
            table.writerow([bug.kind, bug.name, bug.source, bug.check, *cells])


def caught_by(verdicts: Verdicts) -> set[str]:
    """A check that breaks has not caught a bug: its message does not say what is wrong."""
    return verdicts.with_verdict("failed")


def kinds_report(verdicts: list[Verdicts]) -> str:
    seeded, caught = Counter(), Counter()
    for bug, found in zip(BUGS, verdicts, strict=True):
        seeded[bug.kind] += 1
        caught[bug.kind] += bool(caught_by(found))
    lines = [f"{'bugs':14}{'seeded':>8}{'caught':>8}"]
    lines += [f"{kind:14}{seeded[kind]:8}{caught[kind]:8}" for kind in KINDS]
    share = caught.total() / seeded.total()
    lines.append(f"{'all':14}{seeded.total():8}{caught.total():8}  {share:.1%}")
    return "\n".join(lines)


def missed_report(verdicts: list[Verdicts]) -> str:
    missed = [
        f"  {bug.name}: {bug.missed or 'not known to be missed'}"
        for bug, found in zip(BUGS, verdicts, strict=True)
        if not caught_by(found)
    ]
    return "missed, and why:\n" + ("\n".join(missed) or "  none")


def companions(verdicts: list[Verdicts]) -> dict[str, set[str]]:
    """For every check the smallest set of other checks that catch a bug of its own as well."""
    smallest: dict[str, set[str]] = {}
    for found in verdicts:
        caught = caught_by(found)
        for check in caught:
            others = caught - {check}
            if check not in smallest or len(others) < len(smallest[check]):
                smallest[check] = others
    return smallest


def checks_report(found: dict[str, set[str]]) -> str:
    alone = sum(not others for others in found.values())
    return f"checks: {len(CHECKS)}, of which {alone} have a bug that no other check catches"


def companions_report(found: dict[str, set[str]]) -> str:
    lines = ["checks without a bug that no other check catches:"]
    for check, others in sorted(found.items()):
        if others:
            lines.append(f"  {check}, together with {', '.join(sorted(others))}")
    lines += [f"  {check} catches nothing" for check in sorted(CHECKS - set(found))]
    return "\n".join(lines)


def times_report(results: dict[tuple[int, int], Verdicts]) -> str:
    """The slowest checks, as medians over the correct variants."""
    seconds = defaultdict(list)
    for verdicts in results.values():
        for check, duration in verdicts.seconds.items():
            seconds[check].append(duration)
    medians = {check: statistics.median(values) for check, values in seconds.items()}
    slowest = sorted(medians, key=medians.__getitem__, reverse=True)[:8]
    lines = [
        f"time per check on a correct variant: median {statistics.median(medians.values()):.3f} s; "
        "the slowest:"
    ]
    lines += [f"{medians[check]:8.3f} s  {check}" for check in slowest]
    return "\n".join(lines)


def alarms_report(results: dict[tuple[int, int], Verdicts], seeds: int) -> str:
    alarms = [
        f"  {VARIANTS[index].name}, seed {seed}: "
        f"{', '.join(sorted(found.with_verdict('failed', 'broken')))}"
        for (index, seed), found in results.items()
        if found.with_verdict("failed", "broken")
    ]
    mean = statistics.mean(sum(found.seconds.values()) for found in results.values())
    each = "one seed" if seeds == 1 else f"{seeds} seeds"
    head = f"false alarms on {len(VARIANTS)} correct variants, {each} each: {len(alarms)}"
    return "\n".join([head, *alarms, f"all checks of a variant take {mean:.2f} s on average"])


def main() -> None:
    parser = argparse.ArgumentParser(description="Judges the suites by bugs and variants.")
    parser.add_argument("--seeds", type=int, default=20, help="seeds of every correct variant")
    seeds = parser.parse_args().seeds
    if seeds < 1:
        parser.error(f"--seeds is {seeds}, but must be at least 1.")
    verdicts = list(in_parallel(judge_bug, range(len(BUGS)), "bugs"))
    write_table(verdicts)
    draw(BUGS, verdicts, DOCS / "kill_matrix")
    tasks = [(index, seed) for index in range(len(VARIANTS)) for seed in range(seeds)]
    results = list(in_parallel(judge_variant, tasks, "variants and seeds"))
    of_variant = dict(zip(tasks, results, strict=True))
    found = companions(verdicts)
    summary = [
        kinds_report(verdicts),
        checks_report(found) + "\n" + alarms_report(of_variant, seeds),
    ]
    details = [missed_report(verdicts), companions_report(found), times_report(of_variant)]
    write("detection", summary)
    write("detection_details", details)


def write(name: str, parts: list[str]) -> None:
    report = "\n\n".join(parts) + "\n"
    (DOCS / f"{name}.txt").write_text(report, encoding="utf-8")
    print(report)


if __name__ == "__main__":
    main()
