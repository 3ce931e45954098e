"""Bugs and correct changes by somebody who has not seen the suites, and what these say of them.

python benchmarks/blind.py first [--only NAME]

reads benchmarks/blind_lists/first/<task>.yaml, edits a generated project as each entry says, and
runs its tests, which the author of the list has not seen. Before, it computes the quantity that a
bug is said to change, with and without the bug: an entry that changes nothing is no bug. A bug in a
feature of its own names the edits of the correct feature as well; the suites must be silent on it.
docs/blind_first.txt has the result, docs/blind_first_details.txt what was said of each entry.
"""

import argparse
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from edited_projects import Edit, Failure, failures, in_edited, printed
from suite_time import ROOT, generate

LISTS = ROOT / "benchmarks" / "blind_lists"
TASKS = ("vae", "classifier", "gan")
PARTS = ("dataset", "model", "trainer", "engine", "checkpoints", "command line")


@dataclass
class Entry:
    """A bug or a correct change, and what was found when it was tried."""

    task: str
    name: str
    story: str
    part: str
    edits: list[Edit]
    correct: bool
    quantity: str = ""
    measure: str = ""
    feature: list[Edit] | None = None  # a bug's: the same feature without it
    values: tuple[str, str] = ("", "")
    found: list[Failure] = field(default_factory=list)
    problem: str = ""  # why it could not be judged

    @property
    def by_the_suites(self) -> list[Failure]:
        return [failure for failure in self.found if failure.of_the_suites]

    def verdict(self) -> str:
        if self.problem:
            return "not judged"
        if self.by_the_suites:
            return "alarm" if self.correct else "caught"
        if self.found:
            return "own tests"
        return "silent" if self.correct else "missed"


def entries_of(path: Path) -> list[Entry]:
    """The bugs and correct changes of a list; of a bug in a feature, the feature is one more."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    task = path.stem
    entries = []
    for text in content["bugs"]:
        feature = edits_of(text["feature"]) if text.get("feature") else None
        common = {"task": task, "story": text["story"], "part": text["part"]}
        entries.append(
            Entry(
                name=text["name"],
                edits=edits_of(text["edits"]),
                correct=False,
                quantity=text["quantity"],
                measure=text["measure"],
                feature=feature,
                **common,
            )
        )
        if feature:
            entries.append(
                Entry(name=f"{text['name']}, right", edits=feature, correct=True, **common)
            )
    for text in content["changes"]:
        edits = edits_of(text["edits"])
        entries.append(Entry(task, text["name"], text["story"], text["part"], edits, correct=True))
    return entries


def edits_of(texts: list[dict]) -> list[Edit]:
    return [Edit(text["file"], text.get("old", ""), text["new"]) for text in texts]


def judge(entry: Entry, project: Path) -> Entry:
    """Shows that a bug is one, then runs the tests."""
    try:
        if not entry.correct:
            code = printed(entry.measure)
            without = in_edited(project, entry.feature or [], code)
            entry.values = without, in_edited(project, entry.edits, code)
            if entry.values[0] == entry.values[1]:
                entry.problem = f"{entry.quantity}: {without}, with the bug and without."
                return entry
        entry.found = in_edited(project, entry.edits, failures)
    except (RuntimeError, ValueError) as error:
        entry.problem = str(error)
    return entry


def judged(entries: list[Entry], folder: Path) -> list[Entry]:
    projects = {}
    for task in {entry.task for entry in entries}:
        generate(str(folder), f"task={task}")
        projects[task] = folder / f"mnist-{task}"
    with ThreadPoolExecutor(2) as pool:
        found = []
        for entry in pool.map(lambda entry: judge(entry, projects[entry.task]), entries):
            print(f"{entry.verdict():10} {entry.task:10} {entry.name}", flush=True)
            found.append(entry)
    return found


def summary(entries: list[Entry]) -> str:
    lines = [f"{'bugs':24}{'tried':>6}{'suites':>8}{'own tests':>11}{'missed':>8}"]
    bugs = [entry for entry in entries if not entry.correct]
    kinds = [(f"{task}", [e for e in bugs if e.task == task]) for task in TASKS]
    kinds += [(f"  {part}", [e for e in bugs if e.part == part]) for part in PARTS]
    kinds += [("  features", [e for e in bugs if e.feature]), ("all", bugs)]
    for name, group in kinds:
        count = Counter(entry.verdict() for entry in group)
        tried = len(group) - count["not judged"]
        if tried:
            share = f"  {count['caught'] / tried:.1%}" if name == "all" else ""
            numbers = f"{count['caught']:8}{count['own tests']:11}{count['missed']:8}"
            lines.append(f"{name:24}{tried:6}{numbers}{share}")
    count = Counter(entry.verdict() for entry in entries if entry.correct)
    right = sum(count.values()) - count["not judged"]
    lines.append(
        f"correct changes: {right}, alarms of the suites: {count['alarm']}, of the example's own "
        f"tests only: {count['own tests']}"
    )
    if unjudged := [entry for entry in entries if entry.problem]:
        lines.append(f"not judged, because nothing changes or they do not run: {len(unjudged)}")
    return "\n".join(lines) + "\n"


def details(entries: list[Entry]) -> str:
    blocks = []
    for entry in entries:
        lines = [f"{entry.verdict()}: {entry.task}, {entry.part}, {entry.name}", f"  {entry.story}"]
        if entry.problem:
            lines.append(f"  {entry.problem}")
        elif not entry.correct:
            lines.append(f"  {entry.quantity}: {entry.values[1]}; without it {entry.values[0]}")
        if entry.found:
            first = (entry.by_the_suites or entry.found)[0]
            count = f"{len(entry.by_the_suites)} of the suites, {len(entry.found)} in all; first"
            said = first.message.strip().splitlines()[:4]
            lines += [f"  {count} {first.test}", *(f"    {line[:200]}" for line in said)]
        blocks.append("\n".join(line.rstrip() for line in lines))
    return "\n\n".join(blocks) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    names = sorted(path.name for path in LISTS.iterdir() if path.is_dir())
    parser.add_argument("list", choices=names)
    parser.add_argument("--only", help="entries with this in their name; nothing is written")
    args = parser.parse_args()
    entries = [
        entry for path in sorted((LISTS / args.list).glob("*.yaml")) for entry in entries_of(path)
    ]
    if args.only:
        entries = [entry for entry in entries if args.only in entry.name]
    with tempfile.TemporaryDirectory() as folder:
        entries = judged(entries, Path(folder))
    if args.only:
        print(details(entries))
        return
    (ROOT / "docs" / f"blind_{args.list}.txt").write_text(summary(entries), encoding="utf-8")
    (ROOT / "docs" / f"blind_{args.list}_details.txt").write_text(
        details(entries), encoding="utf-8"
    )
    print(summary(entries))


if __name__ == "__main__":
    main()
