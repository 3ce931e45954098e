"""How many changes of the generated project's source its own suite notices.

python benchmarks/mutation.py [--processes 2]

generates a project with default answers in build/mutation and has mutmut change the files of the
dataset, the model and the trainer in one place at a time, and run the tests that reach that place.
A run that was interrupted goes on where it ended. The score is written to docs/mutation.txt, every
change that went unnoticed, with the reason in benchmarks/survivors.yaml, to
docs/mutation_survivors.txt. Needs benchmarks/requirements.txt.

mutmut, because it starts the tests from a process that has imported PyTorch already (an import for
every change would take an hour), runs the tests that reach a change only, and remembers what it
has done. It changes arguments and statements as well, where others change operators.
"""

import argparse
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import yaml
from suite_time import ROOT, generate

FOLDER = ROOT / "build" / "mutation"
FILES = (
    "dataset.py",
    "idx.py",
    "model.py",
    "loop.py",
    "trainer.py",
    "objective.py",
    "evaluation.py",
)
SETTINGS = """
[tool.mutmut]
source_paths = ["mnist_vae"]
only_mutate = [{files}]
pytest_add_cli_args_test_selection = ["tests"]
pytest_add_cli_args = ["-q"]
process_isolation = "forkserver"
timeout_constant = 20.0
"""
NOTICED = ("killed", "timeout", "segfault", "suspicious")


def generate_to_be_changed() -> Path:
    """The project with mutmut's settings; files of an earlier run stay."""
    project = generate(str(FOLDER), "--overwrite-if-exists")
    with open(project / "pyproject.toml", "a", encoding="utf-8") as file:
        file.write(SETTINGS.format(files=", ".join(f'"mnist_vae/{name}"' for name in FILES)))
    return project


def mutmut(project: Path, *arguments: str, **options) -> str:
    command = [str(Path(sys.executable).with_name("mutmut")), *arguments]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=project, text=True, env=environment, **options)
    if done.returncode:
        sys.exit(f"mutmut {arguments[0]} ended with {done.returncode}.")
    return done.stdout


def results(project: Path) -> dict[str, str]:
    """The name of every change and what became of it."""
    output = mutmut(project, "results", "--all", "true", stdout=subprocess.PIPE)
    return dict(re.findall(r"^\s*(mnist_vae\.\S+): ([\w ]+)$", output, re.MULTILINE))


def change(project: Path, name: str) -> str:
    """The lines that a change takes away and adds."""
    output = mutmut(project, "show", name, stdout=subprocess.PIPE)
    lines = re.findall(r"^([-+])(?![-+])\s*(.*)$", output, re.MULTILINE)
    return "\n".join(f"{sign} {text}" for sign, text in lines)


def module_of(name: str) -> str:
    return name.split(".")[1] + ".py"


def finished_results(project: Path) -> dict[str, str]:
    found = results(project)
    unfinished = sum(status == "not checked" for status in found.values())
    if unfinished:
        sys.exit(f"{unfinished} changes are not tried yet: run it again.")
    return found


def score(found: dict[str, str]) -> str:
    total = Counter(map(module_of, found))
    killed = Counter(module_of(name) for name, status in found.items() if status in NOTICED)
    lines = [f"{'':12}{'changes':>9}{'noticed':>9}"]
    for name, of, out_of in (
        *((module, killed[module], total[module]) for module in FILES),
        ("all", killed.total(), total.total()),
    ):
        lines.append(f"{name:12}{out_of:9}{of:9}{of / out_of:8.1%}")
    return "\n".join(lines) + "\n"


def survivors(project: Path, found: dict[str, str]) -> str:
    """The changes that went unnoticed, by the reason for it."""
    text = (ROOT / "benchmarks" / "survivors.yaml").read_text(encoding="utf-8")
    groups = yaml.safe_load(text) or []
    by_reason: dict[str, list[str]] = {}
    for name, status in found.items():
        if status not in NOTICED:
            changed = change(project, name)
            by_reason.setdefault(reason_of(groups, changed), []).append(
                f"{module_of(name)}\n{changed}"
            )
    lines = []
    for reason, changes in sorted(by_reason.items()):
        lines.append(f"{reason} ({len(changes)}):")
        lines += ["    " + line for text in changes for line in text.splitlines()]
    return "\n".join(lines) + "\n"


def reason_of(groups: list, changed: str) -> str:
    for group in groups:
        if any(re.search(pattern, changed) for pattern in group["changes"]):
            return group["reason"]
    return "Not looked at yet"


def main() -> None:
    parser = argparse.ArgumentParser(description="Changes the source and runs the suite.")
    parser.add_argument("--processes", type=int, default=os.cpu_count(), help="at a time")
    processes = parser.parse_args().processes
    if processes < 1:
        parser.error(f"--processes is {processes}, but must be at least 1.")
    project = generate_to_be_changed()
    mutmut(project, "run", "--max-children", str(processes), stdout=sys.stderr)
    found = finished_results(project)
    docs = ROOT / "docs"
    (docs / "mutation.txt").write_text(score(found), encoding="utf-8")
    text = survivors(project, found)
    (docs / "mutation_survivors.txt").write_text(text, encoding="utf-8")
    print(score(found), end="")


if __name__ == "__main__":
    main()
