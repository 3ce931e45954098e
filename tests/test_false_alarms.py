"""No check fails on a correct model, however unusual it is, with any seed."""

import unittest

from .cases import case_class, checks_of, run_check
from .variants import SUITE_OF

SEEDS = range(20)


class TestFalseAlarms(unittest.TestCase):
    def test_correct_variants_pass_with_every_seed(self):
        for suite, variants in SUITE_OF.items():
            for variant in variants:
                with self.subTest(variant=variant.__name__):
                    for seed in SEEDS:
                        self.check_variant(suite, variant, seed)

    def check_variant(self, suite: type, variant, seed: int):
        case = case_class(
            variant.__name__,
            suite,
            lambda case: vars(case).update(variant()),
            "TestCase first",
            seed,
        )
        for check in checks_of(suite):
            result = run_check(case, check)
            problems = result.failures + result.errors
            if problems:
                self.fail(f"false alarm of {check} with seed {seed}:\n{problems[0][1]}")
