"""cruft keeps a generated project in step with the template; an owner's own tests stay."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from .rendering import contents, copy_of_the_template, generate

MISSING = [name for name in ("git", "cruft") if not shutil.which(name)]
if "cruft" in MISSING and importlib.util.find_spec("cruft"):
    MISSING.remove("cruft")  # the package is there, only its command is not on the path

# Nobody's settings, and a name for the commits.
GIT = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
for role in ("AUTHOR", "COMMITTER"):
    GIT |= {f"GIT_{role}_NAME": "test", f"GIT_{role}_EMAIL": "test"}

VARIANT = """

class TestSmall(unittest.TestCase, {suite}):
    def setUp(self):
        {setup}
"""
# Of each task, the suite and the set-up of a variant.
IMAGES = "self.test_inputs, self.net = torch.randn(4, 1, 32, 32), "
VARIANTS = {
    "vae": ("AbstractTestVAE", IMAGES + "MLPVAE((1, 32, 32), 2)"),
    "classifier": ("AbstractTestModel", IMAGES + "MLPClassifier((1, 32, 32), 3)"),
    "gan": ("AbstractTestModel", IMAGES + "MLPGAN((1, 32, 32), 2).discriminator"),
}
# What the second version of the template adds to the suite of models.
NEW_CHECK = '''\
class Added:
    def test_new_in_the_second_version(self):
        """The net has parameters."""
        self.assertTrue(list(self.net.parameters()))


class AbstractTestModel(Added, '''


@unittest.skipIf(MISSING, f"Updates need what is not installed here: {' and '.join(MISSING)}.")
class TestCruft(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        home = {"HOME": str(self.folder), "USERPROFILE": str(self.folder)}
        self.environment = {**os.environ, **GIT, **home}
        self.template = copy_of_the_template(self.folder / "template")
        self.commit(self.template, "init", tag="v1.0.0")

    def run_in(self, folder: Path, *command: str) -> str:
        done = subprocess.run(
            command, cwd=folder, env=self.environment, capture_output=True, text=True
        )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def cruft(self, *arguments: str, folder: Path) -> str:
        return self.run_in(folder, sys.executable, "-m", "cruft", *arguments)

    def commit(self, folder: Path, *first: str, tag: str = "") -> None:
        for command in (first, ["add", "-A"], ["commit", "-qm", "x"], ["tag", tag] if tag else []):
            if command:
                self.run_in(folder, "git", *command)

    def create(self, **answers: str) -> Path:
        arguments = ["--no-input", "--checkout", "v1.0.0", "--extra-context", json.dumps(answers)]
        self.cruft("create", str(self.template), *arguments, folder=self.folder)
        newest = max(self.folder.glob("*/.cruft.json"), key=lambda path: path.stat().st_mtime_ns)
        return newest.parent

    def replace(self, path: str, old: str, new: str) -> None:
        (file,) = self.template.glob(path)
        before, after = file.read_text(encoding="utf-8").split(old)
        file.write_text(before + new + after, encoding="utf-8")

    def release_a_second_version(self) -> None:
        self.replace("{{*/tests/suites/model/__init__.py", "class AbstractTestModel(", NEW_CHECK)
        for task in VARIANTS:
            self.replace(
                f"templates/{task}/test_model.py", "Tests of the models", "Tests of all models"
            )
        self.commit(self.template, tag="v2.0.0")

    def test_creates_the_same_project(self):
        answers = {"project_name": 'Käse & "Brötchen"', "license": "BSD-3-Clause"}
        project = contents(self.create(**answers))
        state = json.loads(project.pop(".cruft.json"))
        self.assertEqual(state["checkout"], "v1.0.0")
        self.assertEqual(project, contents(generate(self.folder / "plain", **answers)))

    def test_an_update_of_a_suite_keeps_the_tests_of_the_owner(self):
        projects = {task: self.create(task=task, project_name=f"Käse {task}") for task in VARIANTS}
        variants = {}
        for task, project in projects.items():
            suite, setup = VARIANTS[task]
            variants[task] = VARIANT.format(suite=suite, setup=setup)
            with (project / "tests" / "test_model.py").open("a", encoding="utf-8") as file:
                file.write(variants[task])
            self.commit(project, "init")
            self.assertIn("SUCCESS", self.cruft("check", folder=project))
        self.release_a_second_version()
        for task, project in projects.items():
            with self.subTest(task=task):
                self.check_update(project, variants[task])

    def check_update(self, project: Path, variant: str):
        with self.assertRaisesRegex(AssertionError, "out of date"):
            self.cruft("check", folder=project)
        self.cruft("update", "--skip-apply-ask", "--checkout", "v2.0.0", folder=project)
        self.assertIn("SUCCESS", self.cruft("check", folder=project))
        self.assertEqual(list(project.rglob("*.rej")), [])
        tests = (project / "tests" / "test_model.py").read_text(encoding="utf-8")
        self.assertRegex(tests, r"\A\"\"\"Tests of all models")
        self.assertTrue(tests.endswith(variant))
        self.run_in(
            project,
            *[sys.executable, "-m", "unittest"],
            "tests.test_model.TestSmall.test_new_in_the_second_version",
        )


if __name__ == "__main__":
    unittest.main()
