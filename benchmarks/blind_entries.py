"""The entries of a blind list, and the project that it was written for."""

import io
import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from edited_projects import Edit, Failure
from suite_time import ROOT, generate


@dataclass
class Entry:
    """A bug or a correct change, and what was found when it was tried."""

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

    def tell_apart_from(self, right: "Entry") -> None:
        """Leaves out the tests that fail without the bug as well: they do not see it."""
        others = {failure.test for failure in right.found}
        self.found = [failure for failure in self.found if failure.test not in others]

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
    entries: list[Entry] = []
    for text in content["bugs"]:
        feature = edits_of(text["feature"]) if text.get("feature") else None
        common = {"story": text["story"], "part": text["part"]}
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
                Entry(name=right_name(text["name"]), edits=feature, correct=True, **common)
            )
    for text in content["changes"]:
        edits = edits_of(text["edits"])
        entries.append(Entry(text["name"], text["story"], text["part"], edits, correct=True))
    return entries


def right_name(name: str) -> str:
    """That of the feature without the bug."""
    return f"{name}, right"


def edits_of(texts: list[dict]) -> list[Edit]:
    return [Edit(text["file"], text.get("old", ""), text["new"]) for text in texts]


def project_of(path: Path, folder: Path) -> Path:
    """The project that a list was written for, with the suites of today."""
    commit = yaml.safe_load(path.read_text(encoding="utf-8"))["template"]
    template = folder / f"template of {path.stem}"
    template.mkdir()
    done = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True)
    if done.returncode:
        sys.exit(f"{path.name} was written for commit {commit}, which this clone has not.")
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as file:
        file.extractall(template, filter="data")
    generate(str(folder), f"task={path.stem}", template=template)
    project = folder / f"mnist-{path.stem}"
    shutil.rmtree(project / "tests" / "suites")
    (suites,) = ROOT.glob("{{*/tests/suites")
    shutil.copytree(suites, project / "tests" / "suites")
    return project
