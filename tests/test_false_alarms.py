"""No check fails on correct code, however unusual it is, whatever its seed.

One variant in three is tried, with one seed. All of them, with five:

SEEDS=5 python -m unittest tests.test_false_alarms
"""

import os
import unittest

from .check_runs import WHOLE, case_class, checks_of, in_parallel, run_check
from .registry import variants

# .ci/run takes three of them, benchmarks/detection.py twenty.
SEEDS = range(int(os.environ.get("SEEDS", "1")))


def false_alarms(index: int) -> list[str]:
    """What the checks say of one variant, if anything."""
    variant = variants()[index]
    found = []
    for seed in SEEDS:
        case = case_class(variant.name, variant.suite, variant.set_up, "TestCase first", seed)
        for check in checks_of(variant.suite):
            result = run_check(case, check)
            problems = result.failures + result.errors
            found += [f"{check}, seed {seed}:\n{trace}" for _, trace in problems]
    return found


class TestFalseAlarms(unittest.TestCase):
    def test_correct_variants_pass_with_every_seed(self):
        chosen = range(0, len(variants()), 1 if WHOLE else 3)
        for index, found in zip(chosen, in_parallel(false_alarms, chosen, "variants"), strict=True):
            variant = variants()[index]
            with self.subTest(variant=variant.name):
                self.assertEqual(len(found), 0, found[0] if found else "")
