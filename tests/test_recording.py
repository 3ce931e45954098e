"""The command that records what a model computes and how it trains, in the generated project."""

import json
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from suites import AbstractTestClassifierTrainer
from suites.record import record

from .check_runs import case_class, run_check
from .command_line import python
from .loops.classifier import set_up_classifier
from .records import record_result, with_other_random_numbers

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


TRAINERS = """
from pathlib import Path

import torch

from tests.test_trainer import TestTrainer as Example


class TestTrained(Example):
    recorded_result = Path(__file__).with_name("losses.json")


class TestUndeclaredTrainer(Example):
    pass


class TestUnseeded(TestTrained):
    def new_trainer(self, model, data, **settings):
        trainer = super().new_trainer(model, data, **settings)
        losses, generator = trainer.losses, torch.Generator()
        generator.seed()

        def noisy(batch):
            terms = losses(batch)
            factor = 1 + torch.rand((), generator=generator)
            return {name: term * factor for name, term in terms.items()}

        trainer.losses = noisy
        return trainer
"""
CHECK = "test_reproduces_recorded_result"


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

    def test_records_the_losses_of_a_trainer(self):
        self.file.write_text(TRAINERS)
        path = str(self.file.parent)
        name = "recorded_cases.TestTrained"
        done = python("-m", "tests.suites.record", name, PYTHONPATH=path)
        written = self.file.with_name("losses.json")
        self.assertEqual((done.returncode, done.stdout.strip()), (0, str(written)), done.stderr)
        self.assertLess(written.stat().st_size, 5000)
        steps = json.loads(written.read_text())["steps"]
        self.assertEqual([len(step["samples"]) for step in steps], [4, 4, 3, 4, 4])
        done = python("-m", "unittest", f"{name}.{CHECK}", PYTHONPATH=path)
        self.assertIn("\nOK\n", done.stderr)  # without a skip: exactly, in another process

    def test_says_why_a_trainer_cannot_be_recorded(self):
        self.file.write_text(TRAINERS)
        for case, reason in {
            "TestUndeclaredTrainer": 'recorded_result = Path(__file__).with_name("losses.json").',
            "TestUnseeded": "or a generator used that no seed sets?",
        }.items():
            with self.subTest(case=case):
                name = f"recorded_cases.{case}"
                done = python("-m", "tests.suites.record", name, PYTHONPATH=str(self.file.parent))
                self.assertEqual((done.returncode, done.stdout), (1, ""))
                self.assertTrue(done.stderr.endswith(f"{reason}\n"), done.stderr)
        self.assertFalse(self.file.with_name("losses.json").exists())

    def test_other_random_numbers_skip_with_a_sentence(self):
        def set_up(case):
            set_up_classifier(case)
            record_result(case, with_other_random_numbers)

        cls = case_class("Elsewhere", AbstractTestClassifierTrainer, set_up, "TestCase first")
        ((_, reason),) = run_check(cls, CHECK).skipped
        self.assertRegex(
            reason, r"^It was recorded with torch 3\.0, where a seed gives other random"
        )
