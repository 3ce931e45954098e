"""How quiet the suites are on models, VAEs and datasets that others wrote.

python benchmarks/real_models.py [--kind model|vae|dataset] [--only PATTERN] [--seeds 2]

runs the suites on every subject in benchmarks/subjects with that many seeds, and writes a row for
each to docs/real_models.txt. With --kind or --only it prints the rows and what the suites say, and
writes nothing. --suites takes the suites of another project, or of another clone of this template.
Nothing is downloaded: all weights are random. Subjects whose package is missing are left out, with
a line that says so. Needs benchmarks/real_models_requirements.txt, and no Windows.
"""

import argparse
import fnmatch
import importlib
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from importlib import metadata
from pathlib import Path

import yaml

os.environ["OMP_NUM_THREADS"] = "1"  # read when a process imports PyTorch

import torch  # noqa: E402
import torch._dynamo  # noqa: E402, F401  an optimizer's first step would import it
from judging import Outcome, in_a_process, judge, megabytes_of_a_step  # noqa: E402
from subjects import SOURCES  # noqa: E402
from subjects.subject import Subject  # noqa: E402
from verdicts import Row, report, summary  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
FINDINGS = Path(__file__).parent / "subjects" / "findings.yaml"
SUITES = {
    "model": "AbstractTestModel",
    "vae": "AbstractTestVAE",
    "dataset": "AbstractTestDataset",
}
# A subject that takes longer is ended.
SECONDS_OF_A_SUBJECT = 900


def generate(template: Path, directory: str) -> Path:
    command = [sys.executable, "-m", "cookiecutter", str(template), "--no-input", "-o", directory]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    (project,) = Path(directory).iterdir()
    return project


def load_suites(path: Path, directory: str) -> dict[str, type]:
    """The suite of each kind, from a generated project or from a clone of the template."""
    project = generate(path, directory) if (path / "cookiecutter.json").exists() else path
    sys.path.append(str(project / "tests"))
    module = importlib.import_module("suites")
    return {kind: getattr(module, suite) for kind, suite in SUITES.items()}


class Run:
    """What is run: the suites, the subjects chosen, and the seeds."""

    def __init__(self, suites: dict[str, type], arguments: argparse.Namespace):
        self.suites = suites
        self.arguments = arguments
        self.findings = yaml.safe_load(FINDINGS.read_text(encoding="utf-8")) or {}

    def sources(self) -> Iterator[tuple[str, str]]:
        for kind, sources in SOURCES.items():
            if self.arguments.kind in (None, kind):
                yield from ((kind, source) for source in sources)

    def work(self, share: int, rows) -> None:
        """Judges the subjects of one of several processes, and puts their rows into a queue."""
        for kind, source in self.sources():
            said = in_a_process(self.judge_source, kind, source, share, rows, seconds=7200)
            if said is not None:
                rows.put(Row(source, kind, "", broken=[str(said)]))
        rows.put(None)

    def judge_source(self, kind: str, source: str, share: int, rows) -> None:
        """Imports a source, and runs its subjects in processes that are forked from this one."""
        module = importlib.import_module(f"subjects.{source}")
        torch.set_num_threads(1)
        package = f"{module.PACKAGE} {metadata.version(module.PACKAGE)}"
        for index, subject in enumerate(module.SUBJECTS):
            name = f"{source}/{subject.name}"
            chosen = fnmatch.fnmatch(name, f"*{self.arguments.only}*")
            if chosen and index % self.arguments.jobs == share:
                rows.put(self.row(subject, Row(name, kind, package)))

    def row(self, subject: Subject, row: Row) -> Row:
        row.lines, row.refused = subject.lines(), subject.refused
        row.findings = self.findings.get(row.subject, {})
        suite = self.suites[subject.kind]
        for seed in range(self.arguments.seeds):
            said = in_a_process(judge, subject, suite, seed, seconds=SECONDS_OF_A_SUBJECT)
            (row.outcomes if isinstance(said, Outcome) else row.broken).append(said)
        if subject.kind != "dataset" and self.arguments.memory:
            said = in_a_process(megabytes_of_a_step, subject, suite, seconds=SECONDS_OF_A_SUBJECT)
            row.megabytes_of_a_step = said if isinstance(said, float) else None
        return row

    def rows(self) -> Iterator[Row]:
        """The rows of all processes, as they come."""
        context = multiprocessing.get_context("fork")
        queue = context.SimpleQueue()
        jobs = range(self.arguments.jobs)
        workers = [context.Process(target=self.work, args=(share, queue)) for share in jobs]
        for worker in workers:
            worker.start()
        working = len(workers)
        while working:
            row = queue.get()
            if row is None:
                working -= 1
            else:
                yield row


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Judges code that others wrote.")
    parser.add_argument("--kind", choices=list(SOURCES), help="only this kind of subjects")
    parser.add_argument("--only", default="", help="only subjects with such a name; * matches any")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes at a time")
    parser.add_argument("--suites", type=Path, default=ROOT, help="a project, or a clone of this")
    parser.add_argument("--details", type=Path, help="a JSON file for all that the suites say")
    parser.add_argument("--no-memory", dest="memory", action="store_false")
    return parser.parse_args()


def main() -> None:
    arguments = parse_arguments()
    rows = []
    with tempfile.TemporaryDirectory() as directory:
        tempfile.tempdir = directory  # whatever a subject writes is removed with it
        for row in Run(load_suites(arguments.suites, directory), arguments).rows():
            rows.append(row)
            print("\n".join(filter(None, [row.line(), row.details()])), flush=True)
    rows.sort(key=lambda row: (list(SOURCES).index(row.kind), row.subject))
    print(summary(rows))
    if not (arguments.kind or arguments.only):
        text = report(rows, arguments.seeds)
        (ROOT / "docs" / "real_models.txt").write_text(text, encoding="utf-8")
    if arguments.details:
        saved = [{**asdict(row), "verdict": row.verdict()} for row in rows]
        arguments.details.write_text(json.dumps(saved, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
