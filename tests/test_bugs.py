"""Every seeded bug is caught by the check meant for it, with a message that says what it is.

Of each check, one bug is tried, in one base order or the other. All bugs, in both:

SEEDS=1 python -m unittest tests.test_bugs
"""

import re
import unittest

from .check_runs import BASE_ORDERS, WHOLE, case_class, checks_of, in_parallel, messages, run_check
from .registry import SUITES, bugs, undetected_bugs


def tried() -> list[int]:
    """The places of the bugs that are tried, in the list of all."""
    first = {bug.check: index for index, bug in reversed([*enumerate(bugs())])}
    return [*range(len(bugs()))] if WHOLE else sorted(first.values())


def shortcomings(index: int) -> list[str]:
    """What is wrong with how a bug is caught."""
    bug = bugs()[index]
    found = []
    for base_order in BASE_ORDERS if WHOLE else [[*BASE_ORDERS][index % 2]]:
        case = case_class(bug.name, bug.suite, bug.set_up, base_order)
        result = run_check(case, bug.check)
        found += [f"{base_order}: {text}" for text in shortcomings_of(bug, result)]
    return found


def shortcomings_of(bug, result: unittest.TestResult) -> list[str]:
    if result.errors:
        return [f"the check breaks instead of failing: {result.errors[0][1]}"]
    texts = messages(result.failures)
    if not texts:
        return [f"it survives {bug.check}"]
    found = []
    if not any(re.search(bug.message, text, re.DOTALL) for text in texts):
        found.append(f"{bug.message!r} is in none of {texts}")
    for text in texts:
        if len(re.split("\n(?:Tensor-likes|Scalars) are", text)[0].strip().splitlines()) > 3:
            found.append(f"more than three lines: {text}")
    return found


class TestBugs(unittest.TestCase):
    def test_every_bug_is_caught_with_its_message(self):
        chosen = tried()
        for index, found in zip(chosen, in_parallel(shortcomings, chosen, "bugs"), strict=True):
            bug = bugs()[index]
            with self.subTest(bug=bug.name, check=bug.check):
                self.assertEqual(found, [])

    def test_every_bug_has_a_name_of_its_own(self):
        names = [bug.name for bug in [*bugs(), *undetected_bugs()]]
        self.assertEqual(len(names), len(set(names)))

    def test_every_bug_stands_under_the_path_of_its_check(self):
        for bug in bugs():
            modules = [cls.__module__ for cls in bug.suite.__mro__ if bug.check in vars(cls)]
            with self.subTest(bug=bug.name):
                # What a check of any trainer sees in the loop of one task stands with the loop.
                if not bug.path.endswith(".loop"):
                    self.assertEqual(modules[-1], f"suites.{bug.path}")

    def test_every_check_has_a_bug(self):
        caught = {bug.check for bug in bugs()}
        for suite in SUITES:
            for check in checks_of(suite):
                with self.subTest(suite=suite.__name__, check=check):
                    self.assertIn(check, caught)
