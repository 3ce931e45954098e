"""The suites as a package: what the wheel holds, and that it works where nothing else is."""

import os
import re
import subprocess
import sys
import tempfile
import unittest
import venv
import zipfile
from pathlib import Path

import numpy
import torch

from .foreign_tests import CODE, TESTS
from .rendering import TEMPLATE, copy_of_the_template

(SUITES,) = TEMPLATE.glob("{{*/tests/suites")
SPDX = "# SPDX-License-Identifier: MIT\n"
# Where the torch and numpy of this environment are, for one that has the suites beside them.
LIBRARIES = {str(Path(package.__file__).parents[1]) for package in (torch, numpy)}
# Makes an import of them fail as if they were not installed, in every process.
WITHOUT = "import sys; sys.modules.update(dict.fromkeys(('scipy', 'tensorboard')))"


def build_wheel(folder: Path) -> Path:
    """The wheel that pip makes of this repository, without a network."""
    template = copy_of_the_template(folder / "template")
    options = ["--no-build-isolation", "--no-deps", "--no-index", "--wheel-dir", str(folder)]
    pip("wheel", str(template), *options)
    (wheel,) = folder.glob("unittest_torch-*.whl")
    return wheel


def pip(*arguments: str):
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def new_environment(folder: Path, wheel: Path) -> Path:
    """The Python of an environment with torch, numpy and the suites, without what is optional."""
    venv.create(folder)
    (packages,) = [*folder.glob("lib/python*/site-packages"), *folder.glob("Lib/site-packages")]
    pip("install", "--no-deps", "--no-index", "--target", str(packages), str(wheel))
    lines = [*sorted(LIBRARIES), WITHOUT]
    (packages / "libraries.pth").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


class TestFiles(unittest.TestCase):
    def test_every_module_says_that_its_licence_is_mit(self):
        for path in [*SUITES.rglob("*.py"), SUITES / "py.typed"]:
            with self.subTest(path.relative_to(SUITES)):
                self.assertTrue(path.read_text(encoding="utf-8").startswith(SPDX), SPDX)

    def test_the_licence_beside_them_is_that_of_the_template(self):
        texts = [
            path.read_text(encoding="utf-8") for path in (SUITES / "LICENSE", TEMPLATE / "LICENSE")
        ]
        of_suites, of_template = (text.partition("\n\nPermission")[2] for text in texts)
        self.assertTrue(of_suites)
        self.assertEqual(of_suites, of_template)


class TestInstalled(unittest.TestCase):
    """In an environment that was empty."""

    @classmethod
    def setUpClass(cls):
        directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(directory.cleanup)
        cls.folder = Path(directory.name)
        cls.wheel = build_wheel(cls.folder)
        cls.python = new_environment(cls.folder / "environment", cls.wheel)
        cls.project = cls.folder / "project"
        cls.project.mkdir()
        (cls.project / "foreign.py").write_text(CODE, encoding="utf-8")
        (cls.project / "test_foreign.py").write_text(TESTS, encoding="utf-8")
        cls.printed = cls.run_in_project("-m", "unittest", "-v", "test_foreign").stderr

    @classmethod
    def run_in_project(cls, *arguments: str) -> subprocess.CompletedProcess:
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
        return subprocess.run(
            [str(cls.python), *arguments],
            cwd=cls.project,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )

    def test_the_wheel_has_every_file_of_the_suites_and_no_other(self):
        names = zipfile.ZipFile(self.wheel).namelist()
        packed = {name for name in names if ".dist-info/" not in name}
        files = (
            path.relative_to(SUITES).as_posix() for path in SUITES.rglob("*") if path.is_file()
        )
        expected = {f"unittest_torch/{name}" for name in files if "__pycache__" not in name}
        self.assertEqual(packed, expected)

    def test_it_requires_torch_and_numpy_only(self):
        with zipfile.ZipFile(self.wheel) as archive:
            (name,) = [name for name in archive.namelist() if name.endswith("/METADATA")]
            metadata = archive.read(name).decode("utf-8")
        required = re.findall(r"^Requires-Dist: ([\w-]+)(?!.*extra)", metadata, re.MULTILINE)
        self.assertEqual(required, ["torch", "numpy"])
        self.assertIn("\nProvides-Extra: all\n", metadata)  # the README asks for it

    def test_a_foreign_model_dataset_and_trainer_are_checked(self):
        failures = set(re.findall(r"^(?:FAIL|ERROR): .*", self.printed, re.MULTILINE))
        self.assertTrue(failures, self.printed)
        for failure in failures:
            self.assertIn("TestFrozen", failure, self.printed)
        self.assertIn("Tagger.head.weight is frozen, but not declared", self.printed)
        for case in ("TestTagger", "TestVAE", "TestTable", "TestFitter"):
            passed = re.findall(rf"\.{case}[.)].*\n.* \.\.\. ok$", self.printed, re.MULTILINE)
            self.assertGreater(len(passed), 10, case)

    def test_checks_that_need_another_package_skip_and_name_it(self):
        place = r"^test_event_file_holds_the_log \(test_foreign\.TestFitter.*\n.*"
        (verdict,) = re.findall(place, self.printed, re.MULTILINE)
        expected = "skipped .This check needs TensorBoard, for the writer .*: python -m pip"
        self.assertRegex(verdict, expected)

    def test_a_model_is_tried_without_a_test_file(self):
        tried = ("-m", "unittest_torch", "foreign:Tagger(50, classes=3)", "--inputs", "4,7:50")
        done = self.run_in_project(*tried, "--write", "test_tagger.py")
        self.assertEqual(done.returncode, 0, done.stderr)
        written = (self.project / "test_tagger.py").read_text(encoding="utf-8")
        self.assertIn("from unittest_torch import AbstractTestModel\n", written)
        again = self.run_in_project("-m", "unittest", "test_tagger.py")
        tests = [re.search(r"^Ran \d+ tests", text.stderr, re.MULTILINE) for text in (done, again)]
        self.assertEqual(*(found and found[0] for found in tests))


if __name__ == "__main__":
    unittest.main()
