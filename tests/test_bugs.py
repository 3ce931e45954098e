"""Every seeded bug is caught by the check meant for it, with a message that says what it is."""

import re
import unittest

from templates import (
    AbstractTestDataset,
    AbstractTestModel,
    AbstractTestTrainer,
    AbstractTestVAE,
)

from .bugs import BUGS
from .cases import BASE_ORDERS, case_class, checks_of, messages, run_check

SUITES = (AbstractTestDataset, AbstractTestModel, AbstractTestVAE, AbstractTestTrainer)


class TestBugs(unittest.TestCase):
    def test_every_bug_is_caught_with_its_message(self):
        for bug in BUGS:
            for base_order in BASE_ORDERS:
                with self.subTest(bug=bug.name, check=bug.check, base_order=base_order):
                    case = case_class(bug.name, bug.suite, bug.set_up, base_order)
                    result = run_check(case, bug.check)
                    self.assertEqual(result.errors, [], "the check broke instead of failing")
                    self.assert_caught(bug, messages(result.failures))

    def assert_caught(self, bug, found: list[str]):
        self.assertTrue(found, f"{bug.name} survives {bug.check}")
        pattern = re.compile(bug.message, re.DOTALL)
        if not any(pattern.search(text) for text in found):
            self.fail(f"{bug.message!r} is in none of {found}")
        for text in found:
            lines = text.split("\nTensor-likes")[0].strip().splitlines()
            self.assertLessEqual(len(lines), 3, f"more than three lines: {text}")

    def test_every_check_has_a_bug(self):
        caught = {bug.check for bug in BUGS}
        for suite in SUITES:
            for check in checks_of(suite):
                with self.subTest(suite=suite.__name__, check=check):
                    self.assertIn(check, caught)
