"""No check fails on a correct model, however unusual it is, whatever its seed."""

import unittest

from .check_runs import case_class, checks_of, in_parallel, run_check
from .registry import variants

# benchmarks/detection.py takes twenty.
SEEDS = range(5)


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
        results = in_parallel(false_alarms, range(len(variants())))
        for variant, found in zip(variants(), results, strict=True):
            with self.subTest(variant=variant.name):
                self.assertEqual(len(found), 0, found[0] if found else "")
