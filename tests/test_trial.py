"""The command that tries a model or a dataset without a test file, and can write one."""

import contextlib
import io
import re
import shlex
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from suites.trial import main

from . import PROJECT
from .command_line import python
from .foreign_tests import CODE

SUBJECTS = (
    CODE
    + '''

class Scaled(nn.Module):
    """Two inputs, and two outputs."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(6, 6)

    def forward(self, x, scale):
        outputs = torch.tanh(self.layer(x) * scale)
        return outputs, outputs.sum(dim=1)


class Forgotten(nn.Module):
    def __init__(self):
        super().__init__()
        self.used, self.unused = nn.Linear(6, 4), nn.Linear(6, 4)

    def forward(self, x):
        return self.used(x)

    @classmethod
    def small(cls):
        return cls()


class Texts(list):
    """Of several lengths."""

    def __init__(self):
        super().__init__((torch.arange(3 + i), i % 2) for i in range(4))


class Both:
    def __init__(self):
        self.train_data, self.test_data = Table(20), Table(20, seed=1)


class Unreadable(Table):
    def __getitem__(self, index):
        raise OSError("disk on fire")


def create_model(name, classes=4):
    if name != "tagger":
        raise RuntimeError(f"Unknown model ({name})")
    return Tagger(50, classes)


def settings():
    return {}


net = regressor()
'''
)

# What is typed, and the line that it gets in return.
MODELS = {
    "": "MODULE:NAME is missing; it comes first, as torchvision.models:resnet18",
    "--inputs 4,6 tried:VAE": "MODULE:NAME is missing; it comes first",
    "absent:Net --inputs 4,6": r"There is no module 'absent'\. It has to be installed, or",
    "tried_broken:Net --inputs 4,6": "tried_broken cannot be imported: ZeroDivisionError: ",
    "tried_script:Net --inputs 4,6": "tried_script cannot be imported: SystemExit: 2",
    "tried --inputs 4,6": "'tried' names nothing. Write module:name, as torchvision.models:resnet",
    "tried.py:VAE --inputs 4,6": r"There is no module 'tried\.py'",
    "src/tried.py:VAE --inputs 4,6": r"'src/tried\.py:VAE' names nothing\..*with dots for a path",
    "tried:VEA --inputs 4,6": "cannot be built: RuntimeError: Unknown model .VEA.",
    "tried:VAE.smal --inputs 4,6": "tried.VAE has no 'smal'; it has ",
    "tried:Fitter --inputs 4,6": r"Fitter.__init__\(\) missing 3 .*'tried:Fitter\(10\)'",
    "tried:Tagger(nn.ReLU) --inputs 4,6": "nn.ReLU is no literal. Arguments are numbers, texts, ",
    "tried:Tagger(**{}) --inputs 4,6": "names nothing",
    "tried:net() --inputs 4,3": "tried:net.. is built already: leave the brackets out",
    "tried:settings --inputs 4,3": "tried:settings is of type dict; expected an nn.Module",
    "tried:VAE": "--inputs is missing: the shape of a batch, as 4,3,64,64",
    "tried:VAE --inputs 4x6": "--inputs '4x6' is no shape. Write sizes with commas between them",
    "tried:VAE --inputs 4,0": "--inputs '4,0' is no shape",
    "tried:VAE --inputs 4,7": "VAE does not run on --inputs 4,7: RuntimeError: mat1 and mat2",
    "tried:VAE --inputs 1,6": "'1,6': the first size is that of the batch, at least 2",
    "tried:Tagger --inputs 4,6:0": "'0' is no whole number above 0",
    "tried:Scaled --inputs x=4,6 4,6": "give a name to each input, or to none",
    "tried:Scaled --inputs x=4,6 x=4,6": "two inputs have the same name",
    "tried:Scaled --inputs 1x=4,6": "'1x' is no name of an argument",
    "tried:VAE --inputs 99999999,99999999,9": "'99999999,99999999,9': .*allocate",
    "tried:VAE --inputs 4,6 --outputs four": "--outputs 'four' is no shape",
    "tried:VAE --inputs 4,6 --range 1 0": "--range 1 0: the first must be below the second",
    "tried:VAE --inputs 4,6 --range 0 one": "--range: invalid float value: 'one'",
    "tried:VAE --inputs 4,6 --declare pretrained": "write name=value, as pretrained=True",
    "tried:VAE --inputs 4,6 --declare pretraind=1": "has no 'pretraind'; it has pretrained",
    "tried:VAE --inputs 4,6 --declare pretrained=yes": "'yes' is no literal; write a number, True",
    "tried:VAE --inputs 4,6 --vae --dataset": "not allowed with argument --vae",
    "tried:VAE --inputs 4,6 --write net.py": "'net.py': unittest finds files such as test_net.py",
    "tried:VAE --inputs 4,6 --write absent/test_a.py": "there is no folder 'absent'",
}
DATASETS = {
    "tried:Table --inputs 4,6": "--inputs and --outputs are those of a model",
    "tried:VAE": "tried:VAE is of type VAE; expected a dataset, or an object with train_data and",
    "tried:Table(0)": "tried:Table.0. has no samples",
    "tried:Unreadable": "cannot be read: OSError: disk on fire. Samples are split.0. to split",
}


class TrialTestCase(unittest.TestCase):
    """With the subjects in a module `tried`, in a folder that is on the path."""

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.folder = Path(directory.name)
        (self.folder / "tried.py").write_text(SUBJECTS, encoding="utf-8")
        (self.folder / "tried_broken.py").write_text("1 / 0\n")
        (self.folder / "tried_script.py").write_text("raise SystemExit(2)\n")
        patched = mock.patch.object(sys, "path", [str(self.folder), *sys.path])
        patched.start()
        self.addCleanup(patched.stop)
        for name in ("tried", "test_written", "test_forgotten"):
            self.addCleanup(sys.modules.pop, name, None)

    def tried(self, *arguments: str) -> tuple[int, str]:
        """The exit code and what is printed."""
        printed = io.StringIO()
        with (
            contextlib.redirect_stdout(printed),
            contextlib.redirect_stderr(printed),
            self.assertRaises(SystemExit) as exit,
        ):
            main(list(arguments))
        return exit.exception.code, printed.getvalue()

    def written(self, *arguments: str) -> str:
        """The test case that is written, which has run."""
        path = self.folder / "test_written.py"
        path.unlink(missing_ok=True)
        found, printed = self.tried(*arguments, "--write", str(path))
        self.assertEqual(found, 0, printed)
        return path.read_text(encoding="utf-8")


class TestRefusals(TrialTestCase):
    def test_are_one_line_each(self):
        for typed, expected in MODELS.items():
            with self.subTest(typed):
                self.check(expected, *typed.split())
        for typed, expected in DATASETS.items():
            with self.subTest(typed):
                self.check(expected, *typed.split(), "--dataset")

    def check(self, expected: str, *arguments: str):
        code, line = self.tried(*arguments)
        self.assertEqual(code, 2)
        self.assertRegex(line, rf"^python -m suites: error: .*{expected}.*\. --help shows examples")
        self.assertEqual(line.count("\n"), 1, line)

    def test_what_is_typed_is_never_run(self):
        for typed in ("tried:print('run')", "tried:Tagger(print('run'))", "tried:(lambda: 1)()"):
            code, line = self.tried(typed, "--inputs", "4,6")
            self.assertEqual((code, line.count("\n")), (2, 1), line)
            self.assertFalse(line.startswith("run"))

    def test_a_file_is_never_overwritten(self):
        path = self.folder / "test_mine.py"
        path.write_text("mine")
        self.check("it exists already", "tried:VAE", "--inputs", "4,6", "--write", str(path))
        self.assertEqual(path.read_text(), "mine")


class TestModels(TrialTestCase):
    def test_the_report_has_the_sentences_and_messages_without_lines_of_the_suites(self):
        code, printed = self.tried("tried:Forgotten", "--inputs", "4,6")
        self.assertEqual(code, 1)
        self.assertRegex(
            printed, r"The outputs have the declared shape and finite values\. \.\.\. ok"
        )
        self.assertIn("\nAssertionError: Forgotten.unused (Linear) is never called.\n", printed)
        self.assertIn("\nFAILED (failures=", printed)
        self.assertNotIn("Traceback", printed)
        self.assertTrue(
            printed.endswith("To keep this test case: --write tests/test_forgotten.py\n")
        )

    def test_declared_attributes_are_those_of_the_test_case(self):
        declared = ("--declare", "unused_modules=('unused',)", "--declare", "max_dropout=0.1")
        text = self.written("tried:Forgotten.small()", "--inputs", "4,6", *declared)
        self.assertIn("    unused_modules = ('unused',)\n    max_dropout = 0.1\n", text)
        self.assertIn("self.net = Forgotten.small()\n", text)

    def test_what_is_written_is_a_test_case_as_one_writes_it(self):
        text = self.written("tried:Tagger(50, classes=3)", "--inputs", "4,7:50")
        expected = '''\
"""Tests of tried; the docstring of suites is the manual."""

import unittest

import torch

from tried import Tagger

from suites import AbstractTestModel


class TestTagger(unittest.TestCase, AbstractTestModel):
    output_shape = (4, 7, 3)

    def setUp(self):
        self.net = Tagger(50, classes=3)
        self.test_inputs = torch.randint(50, (4, 7))
'''
        self.assertEqual(text, expected)

    def test_several_inputs_and_outputs(self):
        text = self.written("tried:Scaled", "--inputs", "4,6", "4,1")
        self.assertIn("output_shape = [(4, 6), (4,)]\n", text)
        self.assertIn("(\n            torch.randn(4, 6),\n            torch.randn(4, 1),\n", text)
        named = ("--inputs", "scale=4,1", "--inputs", "x=4,6")
        text = self.written("tried:Scaled", *named, "--range", "-1", "1", "--outputs", "4,6")
        self.assertIn('{\n            "scale": torch.randn(4, 1),\n            "x": torch', text)
        self.assertIn("output_range = (-1, 1)\n    output_shape = (4, 6)\n", text)

    def test_declared_outputs_are_checked(self):
        code, printed = self.tried("tried:Tagger", "--inputs", "4,7:50", "--outputs", "4,3")
        self.assertEqual(code, 1)
        self.assertIn("returns shapes [(4, 7, 3)] for inputs of shape (4, 7); expected", printed)

    def test_a_vae_has_its_own_suite(self):
        text = self.written("tried:VAE", "--vae", "--inputs", "4,6")
        self.assertIn("class TestVAE(unittest.TestCase, AbstractTestVAE):\n    def setUp", text)

    def test_a_net_that_is_built_is_taken_as_it_is(self):
        self.assertIn("self.net = net\n", self.written("tried:net", "--inputs", "4,3"))

    def test_names_that_create_model_takes(self):
        text = self.written("tried:tagger(classes=5)", "--inputs", "4,7:50")
        self.assertIn("from tried import create_model\n", text)
        self.assertIn('self.net = create_model("tagger", classes=5)\n', text)
        self.assertIn("output_shape = (4, 7, 5)\n", text)


class TestDatasets(TrialTestCase):
    def test_one_dataset(self):
        text = self.written("tried:Table(20)", "--dataset", "--range", "0", "1")
        self.assertIn("data_range = (0, 1)\n    augmented_splits = ()\n", text)
        self.assertIn("target_dtype = torch.float32\n", text)
        self.assertIn("self.data_shape = (3,)\n", text)
        self.assertIn('return {"data": self.data}\n', text)

    def test_splits(self):
        text = self.written("tried:Both", "--dataset")
        self.assertIn("data_range = None\n", text)
        self.assertNotIn("def splits", text)

    def test_sizes_and_types_that_are_found(self):
        text = self.written("tried:Texts", "--dataset")
        self.assertIn("data_dtype = torch.int64\n", text)
        self.assertIn("self.data_shape = (None,)\n", text)
        self.assertIn("import torch\n", text)


class TestGeneratedProject(unittest.TestCase):
    def test_the_command_of_its_readme_works(self):
        readme = (PROJECT / "README.md").read_text(encoding="utf-8")
        command = re.search(r"^python (-m tests\.suites .*)", readme, re.MULTILINE)[1]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "test_small.py"
            done = python(*shlex.split(command), "--write", str(path))
            text = path.read_text(encoding="utf-8")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertGreater(int(re.search(r"Ran (\d+) tests", done.stderr)[1]), 60)
        self.assertEqual(done.stdout, f"Written: {path}.\n")
        self.assertIn("\n\nfrom tests.suites import AbstractTestVAE\n\n\n", text)

    def test_refuses_in_one_line(self):
        done = python("-m", "tests.suites", "mnist_vae.model:MLPVAE", "--inputs", "4,1,8,8")
        self.assertEqual((done.returncode, done.stdout, done.stderr.count("\n")), (2, "", 1))
        self.assertRegex(
            done.stderr, "^python -m tests.suites: error: mnist_vae.model:MLPVAE cannot"
        )


if __name__ == "__main__":
    unittest.main()
