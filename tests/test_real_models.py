"""The suites are quiet on architectures of torchvision; a subject that breaks stops no other."""

import os
import sys
import time
import unittest

from suites import AbstractTestModel

from .rendering import TEMPLATE

sys.path.append(str(TEMPLATE / "benchmarks"))

from judging import Outcome, in_a_process  # noqa: E402
from subjects import torchvision_dense_models, torchvision_models  # noqa: E402
from subjects.subject import lines_of, model, seed_everything  # noqa: E402
from verdicts import Row  # noqa: E402

# benchmarks/real_models.py judges many more, with two seeds.
NAMES = {
    "convnext",
    "deeplabv3",
    "densenet",
    "fcn",
    "maxvit",
    "resnext",
    "squeeze_excitation",
    "swin",
    "swin3d",
    "swin_v2",
    "vgg_bn",
    "vit",
}
SUBJECTS = [*torchvision_models.SUBJECTS, *torchvision_dense_models.SUBJECTS]


class TestArchitecturesOfTorchvision(unittest.TestCase):
    def test_are_clean(self):
        """No test fails on them, and most tests are run."""
        chosen = [subject for subject in SUBJECTS if subject.name in NAMES]
        self.assertEqual(len(chosen), len(NAMES))
        for subject in chosen:
            with self.subTest(subject=subject.name):
                seed_everything(0)
                result = unittest.TestResult()
                case = subject.test_case(AbstractTestModel)
                unittest.defaultTestLoader.loadTestsFromTestCase(case).run(result)
                problems = [trace for _, trace in result.failures + result.errors]
                self.assertEqual(problems, [], "\n".join(problems))
                self.assertLess(2 * len(result.skipped), result.testsRun)


@unittest.skipUnless(hasattr(os, "fork"), "The benchmark forks, which Windows has not.")
class TestProcesses(unittest.TestCase):
    def test_result_comes_back(self):
        self.assertEqual(in_a_process(sum, [1, 2], seconds=60), 3)

    def test_errors_crashes_and_hangs_are_sentences(self):
        """They stop nothing but their own process."""
        for function, argument, sentence in (
            (int, "x", "ValueError: invalid literal for int() with base 10: 'x'"),
            (os._exit, 7, "The process ended with exit code 7."),
            (time.sleep, 60, "Not finished after 1 s."),
        ):
            with self.subTest(sentence=sentence):
                self.assertEqual(in_a_process(function, argument, seconds=1), sentence)


class TestVerdicts(unittest.TestCase):
    def verdict(self, outcome: Outcome, **attributes: object) -> str:
        return Row("source/name", "model", "", outcomes=[outcome], **attributes).verdict()

    def test_every_failure_needs_an_explanation(self):
        """An explained failure is a finding; another message of the same test is an alarm."""
        outcome = Outcome(run=29, skipped=1, messages={"test_x": ["the weight is frozen"]})
        findings = {"test_x": {"says": "weight is frozen", "because": "It is."}}
        self.assertEqual(self.verdict(outcome), "alarm")
        self.assertEqual(self.verdict(outcome, findings=findings), "true finding")
        outcome.messages["test_x"].append("the bias is dead")
        self.assertEqual(self.verdict(outcome, findings=findings), "alarm")

    def test_skipped_subject_is_not_clean(self):
        self.assertEqual(self.verdict(Outcome(run=29, skipped=1)), "clean")
        self.assertEqual(self.verdict(Outcome(run=9, skipped=29)), "skipped")
        self.assertEqual(self.verdict(Outcome(run=29), broken=["It crashed."]), "alarm")

    def test_kind_that_is_not_supported_fails_once(self):
        """With a sentence; a raw error is an alarm."""
        for messages, verdict in (
            ({"test_x": ["This kind is unknown."]}, "refused"),
            ({"test_x": ["KeyError: 0"]}, "alarm"),
            ({"test_x": ["Unknown."], "test_y": ["Unknown."]}, "alarm"),
            ({}, "alarm"),
        ):
            with self.subTest(messages=messages):
                found = self.verdict(Outcome(run=9, messages=messages), refused=True)
                self.assertEqual(found, verdict)


class TestDeclarations(unittest.TestCase):
    def test_count_as_lines_of_a_test_case(self):
        def call(self, net, inputs):
            return net(*inputs)

        self.assertEqual(lines_of((0, 1)), 1)
        self.assertEqual(lines_of(staticmethod(call)), 2)
        self.assertEqual(lines_of(lambda self, net: net), 2)
        subject = model("name", int, int, causal_axis=1, call=call)
        self.assertEqual(subject.lines(), 3)
