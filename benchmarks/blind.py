"""Bugs and correct changes by somebody who has not seen the suites, and what these say of them.

python benchmarks/blind.py first vae [--only NAME]

reads benchmarks/blind_lists/first/vae.yaml, edits a project as each entry says, and runs its
tests, which the author of the list has not seen. Before, it computes the quantity that a bug is
said to change, with and without the bug: an entry that changes nothing is no bug. A bug in a
feature of its own names the edits of the correct feature too; the suites must be silent on it, and
a test that fails on both has not seen the bug.

The project is the one that the author had: that of the commit `template`, with the suites of today.
docs/blind_first_vae.txt has the result, docs/blind_first_vae_details.txt what was said of each.
"""

import argparse
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from blind_entries import Entry, entries_of, project_of, right_name
from edited_projects import failures, in_edited, printed
from suite_time import ROOT

LISTS = ROOT / "benchmarks" / "blind_lists"
TASKS = ("vae", "classifier", "gan")
PARTS = ("dataset", "model", "trainer", "engine", "checkpoints", "command line")


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


def judged(entries: list[Entry], project: Path) -> list[Entry]:
    with ThreadPoolExecutor(2) as pool:
        found = []
        for entry in pool.map(lambda entry: judge(entry, project), entries):
            print(f"{entry.verdict():10} {entry.name}", flush=True)
            found.append(entry)
    by_name = {entry.name: entry for entry in found}
    for entry in found:
        if right := by_name.get(right_name(entry.name)):
            entry.tell_apart_from(right)
    return found


def summary(entries: list[Entry]) -> str:
    lines = [f"{'bugs':24}{'tried':>6}{'suites':>8}{'own tests':>11}{'missed':>8}"]
    bugs = [entry for entry in entries if not entry.correct]
    kinds = [(part, [e for e in bugs if e.part == part]) for part in PARTS]
    kinds += [("of these, features", [e for e in bugs if e.feature]), ("all", bugs)]
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
        lines = [f"{entry.verdict()}: {entry.part}, {entry.name}", f"  {entry.story}"]
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
    parser.add_argument("task", choices=TASKS)
    parser.add_argument("--only", help="entries with this in their name; nothing is written")
    args = parser.parse_args()
    path = LISTS / args.list / f"{args.task}.yaml"
    if not path.exists():
        parser.error(f"{path} does not exist.")
    entries = [entry for entry in entries_of(path) if (args.only or "") in entry.name]
    with tempfile.TemporaryDirectory() as folder:
        entries = judged(entries, project_of(path, Path(folder)))
    if args.only:
        print(details(entries))
        return
    name = f"blind_{args.list}_{args.task}"
    (ROOT / "docs" / f"{name}.txt").write_text(summary(entries), encoding="utf-8")
    (ROOT / "docs" / f"{name}_details.txt").write_text(details(entries), encoding="utf-8")
    print(summary(entries))


if __name__ == "__main__":
    main()
