"""No check fails on a correct model, however unusual it is, with any of twenty seeds."""

import multiprocessing
import os
import unittest
from concurrent.futures import ProcessPoolExecutor

from templates import AbstractTestTrainer

from .cases import case_class, checks_of, run_check
from .trainer_variants import TRAINERS
from .variants import SUITE_OF

SEEDS = range(20)
VARIANTS = [
    (suite, variant)
    for suite, variants in {**SUITE_OF, AbstractTestTrainer: TRAINERS}.items()
    for variant in variants
]


def false_alarms(index: int) -> list[str]:
    """What the checks say of one variant, if anything."""
    suite, variant = VARIANTS[index]

    def set_up(case):
        # Trainers write files, which are removed when the test case ends.
        vars(case).update(variant(case) if suite is AbstractTestTrainer else variant())

    found = []
    for seed in SEEDS:
        case = case_class(variant.__name__, suite, set_up, "TestCase first", seed)
        for check in checks_of(suite):
            result = run_check(case, check)
            problems = result.failures + result.errors
            found += [f"{check}, seed {seed}:\n{trace}" for _, trace in problems]
    return found


class TestFalseAlarms(unittest.TestCase):
    def test_correct_variants_pass_with_every_seed(self):
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(os.cpu_count(), mp_context=context) as pool:
            results = pool.map(false_alarms, range(len(VARIANTS)))
            for (_, variant), found in zip(VARIANTS, results, strict=True):
                with self.subTest(variant=variant.__name__):
                    self.assertEqual(len(found), 0, found[0] if found else "")
