"""Tests of what the template generates, for every combination of its choices."""

import ast
import json
import re
import sys
import tempfile
import unittest
from pathlib import Path

import jinja2
import yaml

from .rendering import TEMPLATE, contents, generate

if sys.version_info >= (3, 11):
    import tomllib
else:  # pytest brings it
    import tomli as tomllib

QUESTIONS = json.loads((TEMPLATE / "cookiecutter.json").read_text(encoding="utf-8"))

# The answer, how the text begins, and the SPDX expression in pyproject.toml.
LICENCES = {
    "MIT": (r"\AMIT License\n\nCopyright", "MIT"),
    "BSD-3-Clause": (r"\ABSD 3-Clause License\n\nCopyright", "BSD-3-Clause"),
    "All rights reserved": (r"\ACopyright .*\n\nAll rights reserved", "LicenseRef-Proprietary"),
}

TASKS = {
    "vae": "a variational autoencoder",
    "classifier": "an image classifier",
    "gan": "a generative adversarial network",
}
# Words that only one task has use for.
WORDS = {
    "vae": r"variational|\bVAE|reconstruct|posterior|ELBO|KL[- ]div|mu, log_sigma",
    "classifier": r"classifier|confusion|num_classes",
    "gan": r"\bGAN|discriminator|adversarial",
}
# What is no module of Python.
OTHERS = """
.gitattributes
.github/workflows/tests.yml
.gitignore
LICENSE
README.md
pyproject.toml
tests/suites/LICENSE
tests/suites/precedence.json
tests/suites/py.typed
{package}/sample/MNIST/raw/t10k-images-idx3-ubyte
{package}/sample/MNIST/raw/t10k-labels-idx1-ubyte
{package}/sample/MNIST/raw/train-images-idx3-ubyte
{package}/sample/MNIST/raw/train-labels-idx1-ubyte
{package}/sample/README.md
"""


def files_of(task: str, package: str) -> set[str]:
    """The paths in a project: those in the template whose names are not empty for this task."""
    answers = {"task": task, "__package_name": package}
    modules = set()
    for folder in TEMPLATE.glob("{{*}}"):
        for path in folder.rglob("*.py*"):
            if path.is_file() and "__pycache__" not in path.parts:
                name = path.relative_to(folder).as_posix()
                modules.add(jinja2.Template(name).render(cookiecutter=answers))
    others = OTHERS.format(package=package).split()
    return {name for name in modules if name.endswith(".py")} | {*others}


def read_toml(path: Path) -> dict:
    return tomllib.loads(path.read_text(encoding="utf-8"))


class TestEveryChoice(unittest.TestCase):
    """The task and the licence are the choices: nine projects are all combinations."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.projects = {
            (task, licence): generate(
                Path(folder.name) / task / licence, task=task, license=licence
            )
            for task in TASKS
            for licence in LICENCES
        }

    def test_is_generated_here(self):
        choices = [name for name, value in QUESTIONS.items() if isinstance(value, list)]
        self.assertEqual([name for name in choices if name[0] != "_"], ["task", "license"])
        for name, answers in (("task", TASKS), ("license", LICENCES)):
            self.assertEqual(list(answers), QUESTIONS[name])
            self.assertEqual(set(QUESTIONS["__prompts__"][name]), {"__prompt__", *answers})

    def test_the_task_is_asked_first(self):
        self.assertEqual(next(iter(QUESTIONS)), "task")

    def test_has_the_files_of_its_task(self):
        for (task, licence), project in self.projects.items():
            with self.subTest(task=task, license=licence):
                self.assertEqual(project.name, f"mnist-{task}")
                self.assertEqual(set(contents(project)), files_of(task, f"mnist_{task}"))

    def test_has_nothing_of_the_other_tasks(self):
        for task in TASKS:
            for name, content in contents(self.projects[task, "MIT"]).items():
                # The loop says what other tasks would do with it.
                if not name.startswith("tests/suites/") and not name.endswith(
                    ("-ubyte", "loop.py")
                ):
                    for other in TASKS.keys() - {task}:
                        with self.subTest(task=task, file=name):
                            self.assertNotRegex(content.decode("utf-8"), f"(?i){WORDS[other]}")

    def test_the_licence_changes_the_licence_only(self):
        for task in TASKS:
            projects = (p for (t, _), p in self.projects.items() if t == task)
            first, *others = (contents(project) for project in projects)
            for other in others:
                changed = {name for name in first if first[name] != other[name]}
                self.assertEqual(changed, {"LICENSE", "pyproject.toml"})

    def test_the_task_changes_what_is_of_the_task(self):
        """What all tasks share stands once in the template, and is the same everywhere."""
        projects = {t: contents(p) for (t, licence), p in self.projects.items() if licence == "MIT"}
        first, *others = (
            {name.replace(f"mnist_{task}", "package"): content for name, content in files.items()}
            for task, files in projects.items()
        )
        own = {path.name for path in TEMPLATE.glob("templates/*/*.py")}
        for other in others:
            for name in first.keys() & other.keys():
                if Path(name).name not in {*own, "README.md", "pyproject.toml", "run.py"}:
                    with self.subTest(file=name):
                        one, two = (
                            re.sub(rb"mnist_(vae|classifier|gan)", b"", text[name])
                            for text in (first, other)
                        )
                        self.assertEqual(one, two)

    def test_has_the_text_and_the_name_of_the_licence(self):
        for (task, licence), project in self.projects.items():
            words, expression = LICENCES[licence]
            with self.subTest(task=task, license=licence):
                self.assertRegex((project / "LICENSE").read_text(encoding="utf-8"), words)
                metadata = read_toml(project / "pyproject.toml")
                self.assertEqual(metadata["project"]["license"], expression)

    def test_leaves_no_trace_of_the_template(self):
        for choice, project in self.projects.items():
            for name, content in contents(project).items():
                # A workflow has expressions in double braces; IDX files are not text.
                if not name.startswith(".github/") and not name.endswith("-ubyte"):
                    with self.subTest(choice=choice, file=name):
                        text = content.decode("utf-8")
                        self.assertNotRegex(text, r"\{\{|\{%|\{#|cookiecutter|\n\n\n\n")
                        self.assertRegex(text, r"\A\S[\s\S]*\S\n\Z")

    def test_parses(self):
        for choice, project in self.projects.items():
            modules = {name: text for name, text in contents(project).items() if name[-3:] == ".py"}
            self.assertGreater(len(modules), 10)
            for name, text in modules.items():
                with self.subTest(choice=choice, file=name):
                    ast.parse(text)


class TestWorkflow(unittest.TestCase):
    """The workflow of the generated project. No answer enters it."""

    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as folder:
            project = generate(folder)
            cls.readme = (project / "README.md").read_text(encoding="utf-8")
            cls.metadata = read_toml(project / "pyproject.toml")["project"]
            text = (project / ".github/workflows/tests.yml").read_text(encoding="utf-8")
        cls.workflow = yaml.safe_load(text)
        (cls.job,) = cls.workflow["jobs"].values()

    def test_runs_the_commands_of_the_readme_and_no_other(self):
        commands = [step["run"] for step in self.job["steps"] if "run" in step]
        blocks = re.findall(r"```\n(python .+)\n```", self.readme)
        self.assertEqual(commands, blocks[: len(commands)])
        self.assertEqual(commands, ['python -m pip install -e ".[test]"', "python -m unittest"])

    def test_runs_on_all_systems_and_on_the_oldest_python(self):
        matrix = self.job["strategy"]["matrix"]
        self.assertEqual(set(matrix["os"]), {f"{s}-latest" for s in ("ubuntu", "macos", "windows")})
        self.assertEqual(self.metadata["requires-python"], f">={matrix['python'][0]}")
        self.assertGreater(len(matrix["python"]), 1)

    def test_may_only_read_and_names_the_commit_of_each_action(self):
        self.assertEqual(self.workflow["permissions"], {"contents": "read"})
        for step in self.job["steps"]:
            if "uses" in step:
                self.assertRegex(step["uses"], r"\Aactions/[a-z-]+@[0-9a-f]{40}\Z")


class TestRepository(unittest.TestCase):
    def test_ci_runs_the_commands_of_the_readme(self):
        ci = (TEMPLATE / ".ci" / "run").read_text(encoding="utf-8")
        found = re.findall(r"^run '(python .+)'$", ci, re.MULTILINE)
        commands = [command for command in found if "tests.test_frameworks" not in command]
        self.assertEqual(len(commands), 2)
        readme = (TEMPLATE / "README.md").read_text(encoding="utf-8").splitlines()
        for command in commands:
            self.assertIn(command, map(str.strip, readme))

    def test_its_own_workflow_tests_the_same_versions(self):
        (template,) = TEMPLATE.glob("{{*")
        paths = (TEMPLATE / ".github/workflows/ci.yml", template / ".github/workflows/tests.yml")
        workflows = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in paths]
        jobs = [job for workflow in workflows for job in workflow["jobs"].values()]
        own, generated = (job["strategy"]["matrix"]["python"] for job in jobs)
        self.assertEqual(own, generated)


if __name__ == "__main__":
    unittest.main()
