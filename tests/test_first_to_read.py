"""After a run of which several checks fail, one of them is named to be read first."""

import json
import runpy
import shutil
import tempfile
import unittest
from pathlib import Path

from . import PROJECT
from .command_line import python
from .rendering import TEMPLATE

FIRST = r"\n\d+ checks fail, perhaps all by one fault\. Read this one first:\n"
# Data without a finite value, which nothing can be trained on; an error of the trainer's own.
LOGARITHM = "dataset.py", "images.mul_(2).sub_(1)", "images.mul_(2).sub_(1).log_()"
DATA = r"tests\.test_dataset\.TestMyMNIST\.test_\w+\n    "
STALE_GRADIENTS = "loop.py", "        optimizer.zero_grad()\n", ""
STEP = r"tests\.test_trainer\.TestTrainer\.test_\w+\n    .*gradient"


class TestFirstToRead(unittest.TestCase):
    def run_with(self, edit: tuple[str, str, str], *command: str) -> str:
        """What a runner prints on stderr where a file of the project is edited."""
        name, old, new = edit
        with tempfile.TemporaryDirectory() as folder:
            project = shutil.copytree(PROJECT, Path(folder, "project"))
            path = project / "mnist_vae" / name
            before, after = path.read_text(encoding="utf-8").split(old)
            path.write_text(before + new + after, encoding="utf-8")
            return python("-m", *command, cwd=project).stderr

    def test_data_come_before_what_is_trained_on_them(self):
        chosen = ("-k", "overfits", "-k", "values_")
        printed = self.run_with(LOGARITHM, "unittest", *chosen)
        self.assertRegex(printed, FIRST + DATA)

    def test_a_cause_comes_before_its_symptoms(self):
        chosen = ("-k", "overfits", "-k", "steps_follow", "-k", "resumed")
        printed = self.run_with(STALE_GRADIENTS, "unittest", "tests.test_trainer", *chosen)
        self.assertRegex(printed, FIRST + STEP)

    def test_pytest_says_the_same(self):
        chosen = ("-k", "overfits or steps_follow or resumed", "tests/test_trainer.py")
        printed = self.run_with(STALE_GRADIENTS, "pytest", "-q", "-p", "no:cacheprovider", *chosen)
        self.assertRegex(printed, FIRST + STEP)

    def test_where_nothing_fails_nothing_is_said(self):
        comment = ("loop.py", "epochs finished", "epochs done")
        printed = self.run_with(comment, "unittest", "tests.test_model", "-k", "shape")
        self.assertNotRegex(printed, FIRST)
        self.assertTrue(printed.rstrip().splitlines()[-1].startswith("OK"), printed)


class TestPrecedence(unittest.TestCase):
    def test_is_that_of_the_kill_matrix(self):
        script = runpy.run_path(str(TEMPLATE / "benchmarks" / "precedence.py"))
        bugs = [(meant, failing) for meant, failing in script["read_bugs"]() if meant in failing]
        (path,) = TEMPLATE.glob("{{*/tests/suites/precedence.json")
        written = json.loads(path.read_text(encoding="utf-8"))
        self.assertEqual(written, script["shares"](bugs), "Run python benchmarks/precedence.py.")
