"""A step of the owner's model that takes long is said once, with what to do about it."""

import time
import unittest
import warnings

from suites import AbstractTestClassifierTrainer

from .check_runs import case_class, checks_of, run_check
from .loops.classifier import ClassifierTrainer, set_up_classifier

CHECK = "test_trainer_can_be_checked"


class SlowTrainer(ClassifierTrainer):
    def train_step(self, inputs, labels):
        time.sleep(0.25)
        super().train_step(inputs, labels)


def warnings_of(cls: type, checks: list[str]) -> list[str]:
    case = case_class(
        "Steps", AbstractTestClassifierTrainer, lambda c: set_up_classifier(c, cls), "suite first"
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for check in checks:
            run_check(case, check)
    return [str(w.message) for w in caught if "small configuration" in str(w.message)]


class TestSlowSteps(unittest.TestCase):
    def test_a_slow_step_is_said_with_the_advice(self):
        (message,) = warnings_of(SlowTrainer, [CHECK])
        self.assertRegex(message, r"^A training step of TestSteps takes 0\.2\d s, and its checks ")
        self.assertRegex(message, r"Build a small configuration of the model in setUp\.$")

    def test_one_check_of_all_says_it(self):
        """Slow or not: the others are silent, and a fast step is no matter."""
        others = [check for check in checks_of(AbstractTestClassifierTrainer) if check != CHECK]
        self.assertEqual(warnings_of(ClassifierTrainer, [CHECK, *others]), [])
