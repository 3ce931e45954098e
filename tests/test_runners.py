"""Every way to start the generated tests finds the same tests and comes to the same verdicts."""

import re
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from .command_line import python
from .rendering import generate

# Fails in some checks and is skipped in others: verdicts that runners could disagree on.
BROKEN = '''\
"""A model that mixes its samples, with a layer that is not used and no declared output shape."""

import unittest

import torch
from torch import nn

from tests.suites import AbstractTestModel


class MixingNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.used = nn.Linear(6, 6)
        self.unused = nn.Linear(6, 6)

    def forward(self, inputs):
        return self.used(inputs - inputs.mean(dim=0))


class TestMixingNet(unittest.TestCase, AbstractTestModel):
    def setUp(self):
        self.net = MixingNet()
        self.test_inputs = torch.randn(4, 6)
'''

SHUFFLED = """
import random, unittest

def cases(suite):
    for part in suite:
        yield from cases(part) if isinstance(part, unittest.TestSuite) else [part]

tests = list(cases(unittest.defaultTestLoader.discover(".")))
random.Random(0).shuffle(tests)
unittest.TextTestRunner(verbosity=2).run(unittest.TestSuite(tests))
"""

UNITTEST = {
    "the command of the README": ["-m", "unittest", "-v"],
    "VS Code": ["-m", "unittest", "discover", "-v", "-s", "./tests", "-p", "test*.py"],
    "shuffled": ["-c", SHUFFLED],
}
PYTEST = {
    "pytest": ["-m", "pytest", "-q"],
    "pytest in two processes": ["-m", "pytest", "-q", "-n", "2"],
}


def name_of(test: str, place: str) -> str:
    """The class and the test; Python 3.10 does not repeat the test in its place."""
    return f"{next(part for part in place.split('.') if part.startswith('Test'))}.{test}"


def unittest_verdicts(output: str) -> dict[str, str]:
    """The verdict for every test that `python -m unittest -v` names."""
    line = r"^{}(test_\w+) \(([\w.]+)\)"
    tests = re.findall(line.format(""), output, re.MULTILINE)
    verdicts = {name_of(*test): "passed" for test in tests}
    assert len(verdicts) == int(re.search(r"^Ran (\d+) tests?", output, re.MULTILINE)[1])
    for test in re.findall(line.format("") + r"(?:\n.*)? \.\.\. skipped", output, re.MULTILINE):
        verdicts[name_of(*test)] = "skipped"
    for test in re.findall(line.format("(?:FAIL|ERROR): "), output, re.MULTILINE):
        verdicts[name_of(*test)] = "failed"
    return verdicts


def pytest_verdicts(report: Path) -> dict[str, str]:
    """The verdict for every test in a report of pytest; a subtest has an entry of its own."""
    verdicts: dict[str, str] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        name = name_of(case.attrib["name"], case.attrib["classname"])
        kinds = {child.tag: child.tag for child in case}
        failed = "failure" in kinds or "error" in kinds
        verdict = "failed" if failed else "skipped" if "skipped" in kinds else "passed"
        if verdicts.get(name) != "failed":
            verdicts[name] = verdict
    return verdicts


class TestRunners(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.project = generate(Path(folder.name) / "a blank & Umläute", project_name="Käse 3")
        (cls.project / "tests" / "test_broken.py").write_text(BROKEN, encoding="utf-8")
        cls.report = Path(folder.name) / "report.xml"
        output = python(*UNITTEST["the command of the README"], cwd=cls.project).stderr
        cls.expected = unittest_verdicts(output)

    def check_verdicts(self, verdicts: dict[str, str]):
        self.assertEqual(verdicts, self.expected)

    def test_all_verdicts_occur(self):
        self.assertGreater(len(self.expected), 50)
        failed = {name for name, verdict in self.expected.items() if verdict == "failed"}
        self.assertIn("TestMixingNet.test_batch_independence_by_gradient", failed)
        self.assertEqual({name.split(".")[0] for name in failed}, {"TestMixingNet"})
        self.assertEqual(self.expected["TestMixingNet.test_output_shape"], "skipped")

    def test_unittest(self):
        for name, arguments in list(UNITTEST.items())[1:]:
            with self.subTest(runner=name):
                done = python(*arguments, cwd=self.project)
                self.check_verdicts(unittest_verdicts(done.stderr))

    def test_pycharm_starts_in_the_folder_of_the_tests(self):
        root = str(self.project)
        arguments = ["-m", "unittest", "discover", "-v", "-s", f"{root}/tests", "-t", root]
        done = python(*arguments, cwd=self.project / "tests", PYTHONPATH=root)
        self.check_verdicts(unittest_verdicts(done.stderr))

    def test_pytest(self):
        for name, arguments in PYTEST.items():
            with self.subTest(runner=name):
                python(*arguments, f"--junitxml={self.report}", cwd=self.project)
                self.check_verdicts(pytest_verdicts(self.report))

    def test_one_module_one_class_and_one_test(self):
        for place, count in (
            ("tests.test_broken", sum("TestMixingNet" in name for name in self.expected)),
            ("tests.test_model.TestCNNVAE", sum("TestCNNVAE" in name for name in self.expected)),
            ("tests.test_model.TestCNNVAE.test_output_shape", 1),
        ):
            with self.subTest(place=place):
                verdicts = unittest_verdicts(
                    python("-m", "unittest", "-v", place, cwd=self.project).stderr
                )
                self.assertEqual(len(verdicts), count)
                self.assertLessEqual(verdicts.items(), self.expected.items())


if __name__ == "__main__":
    unittest.main()
