"""Tests of what the template generates, and of answers that try to break it."""

import ast
import json
import keyword
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from .rendering import TEMPLATE, generate

try:
    import tomllib
except ImportError:  # Python 3.10, where pytest brings tomli
    import tomli as tomllib

QUESTIONS = json.loads((TEMPLATE / "cookiecutter.json").read_text(encoding="utf-8"))
DEFAULT_NAME = QUESTIONS["project_name"]
DEFAULT_AUTHOR = QUESTIONS["author_name"]
MAX_SLUG_LENGTH = 40

# The answer, how the text begins, and the SPDX expression in pyproject.toml.
LICENCES = {
    "MIT": (r"\AMIT License\n\nCopyright", "MIT"),
    "BSD-3-Clause": (r"\ABSD 3-Clause License\n\nCopyright", "BSD-3-Clause"),
    "All rights reserved": (r"\ACopyright .*\n\nAll rights reserved", "LicenseRef-Proprietary"),
}

FILES = """\
.gitattributes
.github/workflows/tests.yml
.gitignore
LICENSE
README.md
pyproject.toml
{package}/__init__.py
{package}/checkpoint.py
{package}/dataset.py
{package}/distributed.py
{package}/engine.py
{package}/model.py
{package}/options.py
{package}/randomness.py
{package}/run.py
{package}/sample/MNIST/raw/t10k-images-idx3-ubyte
{package}/sample/MNIST/raw/t10k-labels-idx1-ubyte
{package}/sample/MNIST/raw/train-images-idx3-ubyte
{package}/sample/MNIST/raw/train-labels-idx1-ubyte
{package}/sample/README.md
{package}/tracking.py
{package}/trainer.py
tests/__init__.py
tests/templates/__init__.py
tests/templates/contract.py
tests/templates/dataset.py
tests/templates/dataset_access.py
tests/templates/dataset_augmentation.py
tests/templates/dataset_contract.py
tests/templates/dataset_loading.py
tests/templates/dataset_values.py
tests/templates/initialising.py
tests/templates/model.py
tests/templates/model_batches.py
tests/templates/model_contract.py
tests/templates/model_outputs.py
tests/templates/model_state.py
tests/templates/model_training.py
tests/templates/running.py
tests/templates/trainer.py
tests/templates/trainer_checkpoints.py
tests/templates/trainer_contract.py
tests/templates/trainer_epochs.py
tests/templates/trainer_evaluation.py
tests/templates/trainer_kl.py
tests/templates/trainer_learning.py
tests/templates/trainer_logging.py
tests/templates/trainer_losses.py
tests/templates/trainer_probes.py
tests/templates/trainer_processes.py
tests/templates/trainer_steps.py
tests/templates/vae.py
tests/templates/vae_bottleneck.py
tests/test_dataset.py
tests/test_model.py
tests/test_trainer.py
"""

HOSTILE = (
    "A \"quoted\" and 'quoted' name",
    '"""',
    "back\\slash \\",
    "\\u0041 \\N{BULLET} \\x",
    "Zürich – Käse & Brötchen",
    "变分自编码器",
    "\U0001f600",
    "\u202eright to left\u200b",
    "../../escape",
    "/absolute/path",
    "C:\\Windows\\con",
    "NUL",
    "torch",
    "Class",
    "3D VAE",
    "   ",
    "-- --help",
    '"]\t[tool.evil] x = "',
    "# *bold* [link](x) `code` <b> $x$ |",
    "%s {0} ${HOME} $(touch evil); `touch evil`",
    '__import__("os").system("touch evil")',
    "&#99999999999999999999; &#47; &amp;",
    "a very long name " * 30,
)
# As key=value, cookiecutter itself renders an answer; at the prompt, Jinja is text like any other.
TYPED_ONLY = ("{{ 7 * 7 }}", "{% raw %}", "{# {{", "}} %}", "${{ secrets.TOKEN }}")
# These cannot be typed.
KEY_VALUE_ONLY = ("two\nlines", "bell\x07 and null\x00", "lone surrogate \udc80", "")


def normal(text: str, default: str) -> str:
    """What a project makes of an answer: printable characters, on one line."""
    kept = "".join(char for char in text if char.isprintable() or char.isspace())
    return " ".join(kept.split()) or default


def contents(project: Path) -> dict[str, bytes]:
    """Every file of a project, by its path; not what an import in the template left behind."""
    paths = (path for path in project.rglob("*") if path.is_file())
    named = {path.relative_to(project).as_posix(): path for path in paths}
    return {name: path.read_bytes() for name, path in named.items() if "__pycache__" not in name}


def type_answers(
    output_dir: Path, *answers: str, **environment: str
) -> subprocess.CompletedProcess:
    """Runs cookiecutter and types one answer to each question; the home is a temporary folder."""
    command = [sys.executable, "-m", "cookiecutter", "--default-config", str(TEMPLATE)]
    with tempfile.TemporaryDirectory() as home:
        return subprocess.run(
            [*command, "--output-dir", str(output_dir)],
            input="".join(f"{answer}\n" for answer in answers),
            env={**os.environ, "PYTHONUTF8": "1", "HOME": home, "USERPROFILE": home, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )


class GenerationTestCase(unittest.TestCase):
    """A temporary folder with an output folder in it, and checks of what is generated there."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def generate(self, **answers: str) -> Path:
        return generate(tempfile.mkdtemp(dir=self.folder), **answers)

    def check_answers(self, project: Path, name: str, author: str):
        """The project holds both answers, and its names are harmless on every system."""
        slug, package = project.name, project.name.replace("-", "_")
        self.assertRegex(slug, r"\A[a-z]([a-z0-9-]*[a-z0-9])?\Z")
        self.assertLessEqual(len(slug), MAX_SLUG_LENGTH)
        self.assertNotIn(package, QUESTIONS["_reserved_names"])
        self.assertEqual(set(contents(project)), set(FILES.format(package=package).split()))

        metadata = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
        self.assertEqual(metadata["project"]["name"], slug)
        self.assertTrue(metadata["project"]["description"].startswith(f"{name}: "))
        self.assertEqual(metadata["project"]["authors"], [{"name": author}])
        self.assertIn(f" {author}\n", (project / "LICENSE").read_text(encoding="utf-8"))
        title = (project / "README.md").read_text(encoding="utf-8").split("\n")[0]
        self.assertEqual(re.sub(r"\\(.)", r"\1", title), f"# {name}")


class TestGeneratedProject(GenerationTestCase):
    def test_every_licence_renders(self):
        self.assertEqual(list(LICENCES), QUESTIONS["license"])
        for choice, (words, expression) in LICENCES.items():
            with self.subTest(license=choice):
                project = self.generate(license=choice)
                self.assertRegex((project / "LICENSE").read_text(encoding="utf-8"), words)
                metadata = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
                self.assertEqual(metadata["project"]["license"], expression)
                self.check_answers(project, DEFAULT_NAME, DEFAULT_AUTHOR)

    def test_no_trace_of_the_template_is_left(self):
        for name, content in contents(self.generate()).items():
            # A workflow has expressions in double braces; IDX files are not text.
            if not name.startswith(".github/") and not name.endswith("-ubyte"):
                with self.subTest(file=name):
                    self.assertNotRegex(
                        content.decode("utf-8"), r"\{\{|\{%|\{#|cookiecutter|\n\n\n\n"
                    )

    def test_every_module_parses(self):
        modules = [text for name, text in contents(self.generate()).items() if name.endswith(".py")]
        self.assertGreater(len(modules), 10)
        for module in modules:
            ast.parse(module)

    def test_linter_and_formatter_are_content(self):
        # The order of imports depends on where the name sorts, the length of lines on its length.
        for name in ("Alpha", "Zeta", "1" + 36 * "x"):
            project = self.generate(project_name=name)
            for arguments in (["check"], ["format", "--check", "--diff"]):
                with self.subTest(name=name, command=arguments[0]):
                    command = [sys.executable, "-m", "ruff", *arguments, "--no-cache", "."]
                    result = subprocess.run(command, cwd=project, capture_output=True, text=True)
                    self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertEqual(len(project.name), MAX_SLUG_LENGTH)

    def test_workflow_runs_the_commands_of_the_readme(self):
        project = self.generate()
        workflow = (project / ".github/workflows/tests.yml").read_text(encoding="utf-8")
        commands = re.findall(r"- run: (.+)", workflow)
        self.assertEqual(len(commands), 2)
        readme = (project / "README.md").read_text(encoding="utf-8").splitlines()
        self.assertLessEqual(set(commands), set(readme))


class TestPrompt(GenerationTestCase):
    def test_accepting_the_defaults_gives_the_default_project(self):
        # At the prompt the hook runs; without the prompt it does not.
        output = type_answers(self.folder, "", "", "").stdout
        project = self.folder / "mnist-vae"
        self.assertEqual(contents(project), contents(self.generate()))
        for words in (str(project), "pip install", "unittest", "mnist_vae.run", "README.md"):
            self.assertIn(words, output)
        self.assertNotIn("differs", output)

    def test_the_console_may_know_ascii_only(self):
        output_dir = self.folder / "Käse"
        result = type_answers(output_dir, "1", "", "", PYTHONUTF8="0", PYTHONIOENCODING="ascii")
        self.assertEqual(result.returncode, 0, result.stdout)
        self.assertIn("my-1\nIts name differs from what you typed", result.stdout)

    def test_any_text_can_be_typed(self):
        for text in HOSTILE + TYPED_ONLY:
            with self.subTest(text=text), tempfile.TemporaryDirectory(dir=self.folder) as folder:
                output_dir = Path(folder) / "output"
                result = type_answers(output_dir, text, text, "2")
                self.assertEqual(result.returncode, 0, result.stdout)
                self.assertNotIn("Traceback", result.stdout)
                self.assertEqual(os.listdir(folder), ["output"])
                (project,) = output_dir.iterdir()
                name, author = normal(text, DEFAULT_NAME), normal(text, DEFAULT_AUTHOR)
                self.check_answers(project, name, author)


class TestAnswers(GenerationTestCase):
    def test_any_text_can_be_an_answer(self):
        for text in HOSTILE + KEY_VALUE_ONLY:
            with self.subTest(text=text), tempfile.TemporaryDirectory(dir=self.folder) as folder:
                project = generate(Path(folder) / "output", project_name=text, author_name=text)
                self.assertEqual(os.listdir(folder), ["output"])
                self.assertEqual(os.listdir(Path(folder) / "output"), [project.name])
                name, author = normal(text, DEFAULT_NAME), normal(text, DEFAULT_AUTHOR)
                self.check_answers(project, name, author)

    def test_reserved_names_are_not_used(self):
        for name in ("json", "class", "torch", "tests", "com1", "py compile"):
            with self.subTest(name=name):
                project = self.generate(project_name=name)
                self.assertEqual(project.name, f"my-{name.replace(' ', '-')}")

    def test_reserved_names_are_complete(self):
        reserved = QUESTIONS["_reserved_names"]
        self.assertEqual(len(reserved), len(set(reserved)), "A name is listed twice.")
        public = {name for name in sys.stdlib_module_names if not name.startswith("_")}
        taken = {name.lower() for name in public | set(keyword.kwlist)}
        self.assertEqual(taken - set(reserved), set())


class TestRepository(unittest.TestCase):
    def test_ci_runs_the_commands_of_the_readme(self):
        ci = (TEMPLATE / ".ci" / "run").read_text(encoding="utf-8")
        commands = re.findall(r"^run '(python .+)'$", ci, re.MULTILINE)
        self.assertEqual(len(commands), 2)
        readme = (TEMPLATE / "README.md").read_text(encoding="utf-8").splitlines()
        for command in commands:
            self.assertIn(command, map(str.strip, readme))


if __name__ == "__main__":
    unittest.main()
