"""Any text is an answer: typed, given as key=value or read from a configuration file.

One subject for all: hostile texts, what a project makes of them, and the proof that it is whole.
"""

import contextlib
import datetime
import itertools
import json
import keyword
import os
import re
import subprocess
import sys
import tempfile
import unicodedata
import unittest
from pathlib import Path

from click.testing import CliRunner
from cookiecutter.__main__ import main as cookiecutter_main
from cookiecutter.exceptions import OutputDirExistsException
from markdown_it import MarkdownIt

from .rendering import TEMPLATE, contents, generate
from .test_generation import LICENCES, TASKS, files_of, read_toml

QUESTIONS = json.loads((TEMPLATE / "cookiecutter.json").read_text(encoding="utf-8"))
DEFAULT_NAME = "MNIST VAE"
DEFAULT_AUTHOR = QUESTIONS["author_name"]
MAX_SLUG_LENGTH = 40

HOSTILE = (
    "A \"quoted\" and 'quoted' name",
    '"""',
    "'''",
    "back\\slash \\",
    "\\u0041 \\N{BULLET} \\x",
    "Zürich – Käse & Brötchen",
    unicodedata.normalize("NFD", "Zürich"),
    "变分自编码器",
    "\U0001f600",
    "family \U0001f468\u200d\U0001f469\u200d\U0001f467",
    "نموذج عربي",
    "\u202eright to left\u200b",
    "non\u00a0breaking\u2028separators\u2029",
    "\ufeffbyte order mark",
    "../../escape",
    "/absolute/path",
    "a/b/c",
    "~/home",
    ".",
    "..",
    "C:\\Windows\\con",
    "NUL",
    "CON",
    "com1.txt",
    "torch",
    "tests",
    "test",
    "src",
    "json",
    "model",
    "Class",
    "None",
    "3D VAE",
    "1",
    "-rf",
    "-- --help",
    '"]\t[tool.evil] x = "',
    '"; import os; os.system("touch evil"); "',
    "# comment",
    "# *bold* [link](x) `code` <b> $x$ |",
    "[red]bold[/red] [/] :smile:",
    "ends with ##",
    "1. - + > =",
    "!!python/object: {a: b}, &anchor *alias",
    "key: value - 'x",
    "%s {0} ${HOME} $(touch evil); `touch evil`",
    '__import__("os").system("touch evil")',
    "&#99999999999999999999; &#47; &amp;",
    "</textarea><script>alert(1)</script>",
    "x" * 200,
    "a very long name " * 30,
    "   ",
)
# As key=value, cookiecutter itself renders an answer; at the prompt, Jinja is text like any other.
TYPED_ONLY = ("{{ 7 * 7 }}", "{% raw %}", "{# {{", "}} %}", "${{ secrets.TOKEN }}")
RENDERED = {"{{ 7 * 7 }}": "49", "{% raw %}{{ x }}{% endraw %}": "{{ x }}", "a {# b #}": "a"}
# These cannot be typed.
LINES_AND_CONTROLS = ("two\nlines", "tab\tand\rreturn", "bell\x07 and null\x00", "\x1b[31mred", "")
LONE_SURROGATE = "lone surrogate \udc80"
# YAML has more types than text. An empty value is no answer.
NOT_TEXT = (
    *[(123, "123"), (1.5, "1.5"), (True, "True"), (["a", "b"], "a"), ({"a": "b"}, "")],
    *[(None, ""), (False, ""), ({}, "")],
)
# What only cookiecutter can refuse: it looks at these before the template has a say.
REFUSED = (
    {"project_name": "{{ unclosed"},
    {"project_name": "{% unclosed"},
    {"author_name": "{{ undefined }}"},
    {"author_name": "{{ 1 / 0 }}"},
    {"task": "diffusion"},
    {"task": ""},
    {"task": "VAE"},
    {"task": "../vae"},
    {"license": "GPL"},
    {"license": ""},
    {"license": "mit"},
    {"license": "../x"},
    {"_reserved_names": "x"},
    {"_copy_without_render": "x"},
    {"_jinja2_env_vars": "x"},
)


def normal(text: str, default: str) -> str:
    """What a project makes of an answer: printable characters, on one line."""
    kept = "".join(char for char in text if char.isprintable() or char.isspace())
    return " ".join(kept.split()) or default


def heading(readme: str) -> str:
    """The text of the first heading, as a reader of the rendered page sees it."""
    inline = MarkdownIt().parse(readme)[1]
    assert all(token.type in ("text", "text_special") for token in inline.children), inline
    return "".join(token.content for token in inline.children)


@contextlib.contextmanager
def output_of_processes(path: Path):
    """Sends to a file what child processes print, here the hook."""
    terminal = os.dup(1)
    with path.open("wb") as file:
        os.dup2(file.fileno(), 1)
    try:
        yield path
    finally:
        os.dup2(terminal, 1)
        os.close(terminal)


class AnswersTestCase(unittest.TestCase):
    """A temporary folder with an output folder in it, and checks of what is generated there."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def only_project(self, output_dir: Path) -> Path:
        """The one project there is; nothing lies beside it or beside its folder."""
        self.assertEqual(os.listdir(output_dir.parent), [output_dir.name])
        (project,) = output_dir.iterdir()
        return project

    def check_project(
        self, project: Path, name: str, author: str, licence: str = "MIT", task: str = "vae"
    ):
        """The project holds the answers, and its names are harmless on every system."""
        slug, package = project.name, project.name.replace("-", "_")
        self.assertRegex(slug, r"\A[a-z]([a-z0-9-]*[a-z0-9])?\Z")
        self.assertLessEqual(len(slug), MAX_SLUG_LENGTH)
        self.assertNotIn(package, QUESTIONS["_reserved_names"])
        self.assertEqual(set(contents(project)), files_of(task, package))

        metadata = read_toml(project / "pyproject.toml")
        self.assertEqual(metadata["project"]["name"], slug)
        self.assertEqual(metadata["project"]["description"], f"{name}: {TASKS[task]}")
        self.assertEqual(metadata["project"]["authors"], [{"name": author}])
        self.assertEqual(metadata["project"]["license"], LICENCES[licence][1])
        self.assertEqual(set(metadata["tool"]), {"setuptools", "ruff"})
        notice = (project / "LICENSE").read_text(encoding="utf-8")
        self.assertRegex(notice, rf"(?m)^Copyright .*\d,? {re.escape(author)}$")
        self.assertEqual(heading((project / "README.md").read_text(encoding="utf-8")), name)


class TestTypedAnswers(AnswersTestCase):
    def type(self, output_dir: Path, *answers: str):
        """Runs the command in this process, with a home of its own."""
        command = ["--default-config", str(TEMPLATE), "--output-dir", str(output_dir)]
        with tempfile.TemporaryDirectory() as home:
            homes = {"HOME": home, "USERPROFILE": home}
            return CliRunner().invoke(
                cookiecutter_main, command, "".join(f"{a}\n" for a in answers), homes
            )

    def test_any_text_can_be_typed(self):
        for text in HOSTILE + TYPED_ONLY:
            with self.subTest(text=text), tempfile.TemporaryDirectory(dir=self.folder) as folder:
                output_dir = Path(folder) / "output"
                # As a choice the text is asked for again, unless it is the number of one.
                choice = ["2"] if text == "1" else [text, "2"]
                with output_of_processes(Path(folder) / "end.txt") as end:
                    done = self.type(output_dir, *choice, text, text, *choice)
                self.assertEqual((done.exit_code, done.exception), (0, None), done.output)
                self.assertRegex(end.read_bytes(), rb"\AYour project is in [ -~\n]+\Z")
                self.assertIn(len(end.read_text().splitlines()), (6, 7))
                end.unlink()
                name, author = normal(text, "MNIST Classifier"), normal(text, DEFAULT_AUTHOR)
                self.check_project(
                    self.only_project(output_dir), name, author, "BSD-3-Clause", "classifier"
                )

    def test_the_end_of_input_stops_without_a_project(self):
        done = self.type(self.folder / "output", "1", "name")
        self.assertEqual(done.exit_code, 1)
        self.assertIn("Aborted", done.output)
        self.assertEqual(os.listdir(self.folder), [])


class TestGivenAnswers(AnswersTestCase):
    def test_any_text_can_be_given_as_key_and_value(self):
        texts = [*HOSTILE, *LINES_AND_CONTROLS, LONE_SURROGATE]
        for text, meant in {**{text: text for text in texts}, **RENDERED}.items():
            with self.subTest(text=text), tempfile.TemporaryDirectory(dir=self.folder) as folder:
                output_dir = Path(folder) / "output"
                generate(output_dir, project_name=text, author_name=text)
                name, author = normal(meant, DEFAULT_NAME), normal(meant, DEFAULT_AUTHOR)
                self.check_project(self.only_project(output_dir), name, author)

    def test_any_text_can_be_configured(self):
        texts = [(text, text) for text in HOSTILE + LINES_AND_CONTROLS]
        for value, meant in [*texts, *RENDERED.items(), *NOT_TEXT]:
            with self.subTest(value=value), tempfile.TemporaryDirectory(dir=self.folder) as folder:
                output_dir = Path(folder) / "output"
                generate(output_dir, {"project_name": value, "author_name": value})
                name, author = normal(meant, DEFAULT_NAME), normal(meant, DEFAULT_AUTHOR)
                self.check_project(self.only_project(output_dir), name, author)

    def test_an_unknown_choice_in_the_configuration_is_ignored_with_a_warning(self):
        first = {"task": "vae", "license": "MIT"}
        for text, name in itertools.product(HOSTILE, first):
            with self.subTest(text=text), tempfile.TemporaryDirectory(dir=self.folder) as folder:
                output_dir = Path(folder) / "output"
                with self.assertWarnsRegex(UserWarning, f"but the choices are .'{first[name]}'"):
                    generate(output_dir, {name: text})
                self.check_project(self.only_project(output_dir), DEFAULT_NAME, DEFAULT_AUTHOR)

    def test_what_cookiecutter_refuses_leaves_nothing_behind(self):
        for answers in REFUSED:
            with self.subTest(**answers), self.assertRaises(Exception):  # noqa: B017
                generate(self.folder / "output", **answers)
            self.assertEqual(os.listdir(self.folder), [])
        with self.assertRaisesRegex(TypeError, "date is not JSON"):
            generate(self.folder / "output", {"project_name": datetime.date(2024, 2, 29)})
        self.assertEqual(os.listdir(self.folder), [])

    def test_derived_names_cannot_leave_the_output_folder(self):
        paths = ("../x", "../../x", "..", "/", "a/../../../b", "C:\\x", str(self.folder / "x"))
        for path in paths:
            for variable in ("__project_slug", "__package_name"):
                for how in ("typed", "configured"):
                    with self.subTest(variable=variable, path=path, how=how):
                        self.check_that_it_stays_inside({variable: path}, how)

    def check_that_it_stays_inside(self, answers: dict[str, str], how: str):
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            output_dir = Path(folder) / "deep" / "output"
            with contextlib.suppress(OutputDirExistsException):  # nothing is left of ".."
                generate(output_dir, **{"defaults": answers} if how == "configured" else answers)
            self.assertEqual(os.listdir(folder), ["deep"])
            self.assertEqual(os.listdir(Path(folder) / "deep"), ["output"])


class TestReservedNames(AnswersTestCase):
    def test_are_not_used(self):
        for name in ("json", "class", "torch", "tests", "com1", "py compile"):
            with self.subTest(name=name):
                project = generate(self.folder, project_name=name)
                self.assertEqual(project.name, f"my-{name.replace(' ', '-')}")

    def test_are_complete(self):
        reserved = QUESTIONS["_reserved_names"]
        self.assertEqual(len(reserved), len(set(reserved)), "A name is listed twice.")
        public = {name for name in sys.stdlib_module_names if not name.startswith("_")}
        taken = {name.lower() for name in public | set(keyword.kwlist)}
        self.assertEqual(taken - set(reserved), set())

    def test_hold_every_module_of_the_project(self):
        (package,) = TEMPLATE.glob("{{*/{{*package_name}}")
        modules = {Path(path.name.replace("{% endif %}", "")).stem for path in package.iterdir()}
        modules = {name.split("%}")[-1] for name in modules} - {"__init__", "__pycache__"}
        self.assertEqual(modules - set(QUESTIONS["_reserved_names"]), set())


class TestProjectsOfHostileNames(unittest.TestCase):
    """Files of Python depend on task and name of the package only: one project for each name."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        choices = itertools.cycle(itertools.product(TASKS, LICENCES))
        cls.tasks = {}
        for text in [*HOSTILE, "Alpha", "Zeta", "1" + "x" * 36]:
            task, licence = next(choices)
            answers = {"project_name": text, "author_name": text, "license": licence}
            with contextlib.suppress(OutputDirExistsException):
                project = generate(cls.folder, task=task, **answers)
                cls.tasks[str(project)] = task
        cls.projects = sorted(str(path) for path in cls.folder.iterdir())

    def run_python(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments], cwd=self.folder, capture_output=True, text=True
        )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_there_are_many(self):
        self.assertGreater(len(self.projects), 40)
        self.assertEqual(max(len(Path(p).name) for p in self.projects), MAX_SLUG_LENGTH)

    def test_all_modules_import_and_all_tests_are_found(self):
        found = json.loads(self.run_python("-c", COLLECT, *self.projects))
        self.assertEqual(list(found), self.projects)
        kinds = {(self.tasks[p], len(modules), tests) for p, (modules, tests) in found.items()}
        self.assertEqual({task for task, *_ in kinds}, {*TASKS})
        self.assertEqual(len(kinds), len(TASKS))
        self.assertGreater(min(modules for _, modules, _ in kinds), 4)

    def test_linter_and_formatter_are_content(self):
        # The order of imports depends on where the name sorts, the length of lines on its length.
        self.run_python("-m", "ruff", "check", "--no-cache", ".")
        self.run_python("-m", "ruff", "format", "--check", "--diff", "--no-cache", ".")


# Imports and collects every project in one process: importing torch takes longer than all the rest.
COLLECT = """
import importlib, json, os, pkgutil, sys, unittest

def collect(project):
    os.chdir(project)
    sys.path.insert(0, project)
    package = os.path.basename(project).replace("-", "_")
    names = [module.name for module in pkgutil.walk_packages([project])]
    for name in names:
        importlib.import_module(name)
    assert {package, package + ".run", "tests.test_model"} <= set(names), names
    loader = unittest.TestLoader()
    count = loader.discover(project).countTestCases()
    assert not loader.errors, loader.errors
    for name in names:
        del sys.modules[name]
    sys.path.remove(project)
    return names, count

print(json.dumps({project: collect(project) for project in sys.argv[1:]}))
"""


if __name__ == "__main__":
    unittest.main()
