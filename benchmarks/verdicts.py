"""What benchmarks/real_models.py says of each subject, and its report."""

import statistics
from collections import Counter
from dataclasses import dataclass, field

import torch
from judging import Outcome
from subjects import SOURCES

# Of a subject on which fewer tests are run, the suites have said nothing.
LEAST_RUN = 10
VERDICTS = ("clean", "true finding", "refused", "skipped", "alarm")
# So many messages of a subject are printed; --details has all of them.
MESSAGES = 8


@dataclass
class Row:
    """One subject, and what the suites say of it under each seed."""

    subject: str  # source and name
    kind: str
    package: str
    lines: int = 0
    refused: bool = False
    outcomes: list[Outcome] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)  # why it has no outcome under a seed
    megabytes_of_a_step: float | None = None
    findings: dict[str, dict] = field(default_factory=dict)

    def verdict(self) -> str:
        failed = set().union(*(outcome.failed() for outcome in self.outcomes))
        if self.broken:
            return "alarm"
        if self.refused:
            return "refused" if all(map(is_one_sentence, self.outcomes)) else "alarm"
        if any(outcome.run < LEAST_RUN for outcome in self.outcomes):
            return "alarm" if failed else "skipped"
        if self.unexplained():
            return "alarm"
        return "true finding" if failed else "clean"

    def unexplained(self) -> list[tuple[str, str]]:
        """Tests and messages that findings.yaml has no reason for, each once."""
        said = [
            (test, message)
            for outcome in self.outcomes
            for test, messages in outcome.messages.items()
            for message in messages
            if not self.explains(test, message)
        ]
        return list(dict.fromkeys(said))

    def explains(self, test: str, message: str) -> bool:
        return test in self.findings and self.findings[test]["says"] in message

    def line(self) -> str:
        counts = [f"{o.run:3d} {o.skipped:3d} {len(o.messages):3d}" for o in self.outcomes]
        step = "" if self.megabytes_of_a_step is None else f"{self.megabytes_of_a_step:.0f}"
        return (
            f"{self.subject:52} {self.package:36} {self.lines:2d}  {' '.join(counts):24}"
            f"{self.seconds():6.1f} {self.megabytes():6.0f} {step:>5}  {self.verdict()}"
        )

    def seconds(self) -> float:
        """CPU time of the suite, as a mean over the seeds."""
        return statistics.mean([sum(o.seconds.values()) for o in self.outcomes] or [0])

    def megabytes(self) -> float:
        return max((outcome.megabytes for outcome in self.outcomes), default=0)

    def details(self) -> str:
        said = [f"    {text}" for text in self.broken]
        said += [f"    {test}: {shortened(text)}" for test, text in self.unexplained()]
        return "\n".join(said[:MESSAGES] + ["    ..."] * (len(said) > MESSAGES))


def shortened(message: str) -> str:
    """The first lines of a message, under the name of its test."""
    return "\n        ".join(line[:200] for line in message.splitlines()[:3])


def is_one_sentence(outcome: Outcome) -> bool:
    """Whether one test failed, with a sentence of the suite, and no other one was run."""
    errors = any("Error: " in text for texts in outcome.messages.values() for text in texts)
    return len(outcome.messages) == 1 and not errors


def summary(rows: list[Row]) -> str:
    lines = []
    for kind in SOURCES:
        found = Counter(row.verdict() for row in rows if row.kind == kind)
        if found:
            parts = [f"{found[verdict]} {verdict}" for verdict in VERDICTS if found[verdict]]
            lines.append(f"{kind:8} {found.total():4d}: {', '.join(parts)}")
    return "\n".join(lines)


def costs(rows: list[Row]) -> str:
    """CPU time, and memory in units of what a training step takes."""
    models = [row for row in rows if row.kind == "model" and row.outcomes]
    seconds = sorted(row.seconds() for row in models)
    ratios = sorted(r.megabytes() / r.megabytes_of_a_step for r in models if r.megabytes_of_a_step)
    if not ratios:
        return ""
    return (
        f"CPU seconds of a model: median {statistics.median(seconds):.1f}, most {seconds[-1]:.0f}\n"
        f"memory, by that of a training step: median {statistics.median(ratios):.1f}, "
        f"most {ratios[-1]:.1f}"
    )


def explanations(rows: list[Row]) -> str:
    """The findings that were explained, each with its reason."""
    lines = []
    for row in rows:
        failed = set().union(*(outcome.failed() for outcome in row.outcomes))
        for test in sorted(failed & row.findings.keys()):
            because = row.findings[test]["because"].strip().replace("\n", "\n    ")
            lines.append(f"{row.subject}, {test}:\n    {because}")
    return "\n".join(lines)


def report(rows: list[Row], seeds: int) -> str:
    """What docs/real_models.txt holds."""
    head = f"{seeds} seeds, torch {torch.__version__}, one thread a subject"
    columns = (
        "subject, package, declared lines, tests run, skipped and failed with each seed, CPU "
        "seconds,\nMB of the suite and of one training step, verdict"
    )
    table = "\n".join([columns, *(row.line() for row in rows)])
    alarms = "\n".join(row.line() + "\n" + row.details() for row in rows if row.details())
    parts = [head, summary(rows), costs(rows), table, explanations(rows), alarms]
    return "\n\n".join(filter(None, parts)) + "\n"
