"""The command that records what a model computes, in the generated project."""

import json
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from suites.record import record

from .command_line import python

CASES = """
import unittest
from pathlib import Path

import torch
from torch import nn

from tests.suites import AbstractTestModel


class TestNet(unittest.TestCase, AbstractTestModel):
    recorded_outputs = Path(__file__).with_name("net.json")

    def setUp(self):
        self.net = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 4))
        self.test_inputs = torch.randn(4, 6)


class TestUndeclared(TestNet):
    recorded_outputs = None


class TestRandom(TestNet):
    def setUp(self):
        super().setUp()
        self.net = nn.Sequential(Noise(), nn.Linear(6, 4))


class Noise(nn.Module):
    def forward(self, inputs):
        return inputs + torch.randn_like(inputs)


class TestUnsaved(TestNet):
    def setUp(self):
        super().setUp()
        self.net = nn.Sequential(Shift(), nn.Linear(6, 4))


class Shift(nn.Module):
    def __init__(self):
        super().__init__()
        self.shift = torch.randn(6)

    def forward(self, inputs):
        return inputs + self.shift.to(inputs)
"""


class TestRecord(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.file = Path(directory.name) / "recorded_cases.py"

    def test_writes_a_record_that_the_check_reproduces(self):
        self.file.write_text(CASES)
        path = str(self.file.parent)
        done = python("-m", "tests.suites.record", "recorded_cases.TestNet", PYTHONPATH=path)
        written = self.file.with_name("net.json")
        self.assertEqual((done.returncode, done.stdout.strip()), (0, str(written)), done.stderr)
        calls = json.loads(written.read_text())["calls"]["forward"]
        self.assertEqual([call["name"] for call in calls], ["0", "1", "2", ""])
        check = "recorded_cases.TestNet.test_reproduces_recorded_outputs"
        done = python("-m", "unittest", check, PYTHONPATH=path)
        self.assertIn("\nOK\n", done.stderr)

    def test_says_why_a_case_cannot_be_recorded(self):
        # Another name: in this process `tests` is the template's own package.
        self.file.write_text(CASES.replace("tests.suites", "suites"))
        patched = mock.patch.object(sys, "path", [*sys.path, str(self.file.parent)])
        patched.start()
        self.addCleanup(patched.stop)
        self.addCleanup(sys.modules.pop, "recorded_cases", None)
        for case, reason in {
            "TestUndeclared": "TestUndeclared.recorded_outputs is not declared.",
            "TestRandom": "forward draws random numbers, which another version draws anew.",
            "TestUnsaved": "computes something else in a second instance",
        }.items():
            with self.subTest(case=case), self.assertRaisesRegex(ValueError, reason):
                record(f"recorded_cases.{case}")
