"""No check fails on a correct model, however unusual it is, with any of twenty seeds."""

import unittest

from templates import AbstractTestTrainer
from templates.trainer_checkpoints import CheckpointTests
from templates.trainer_epochs import EpochTests
from templates.trainer_evaluation import EvaluationTests
from templates.trainer_steps import StepTests

from .cases import case_class, checks_of, in_parallel, run_check
from .trainer_variants import TRAINERS
from .variants import SUITE_OF

SEEDS = range(20)
# These checks train a model of their own, which they seed themselves: the seed of the test case
# means little to them, so fewer will do.
OWN_SEEDS = {
    check
    for tests in (CheckpointTests, EpochTests, EvaluationTests, StepTests)
    for check in checks_of(tests)
}
SEEDS_BESIDE_OWN = range(4)
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
            if check in OWN_SEEDS and seed not in SEEDS_BESIDE_OWN:
                continue
            result = run_check(case, check)
            problems = result.failures + result.errors
            found += [f"{check}, seed {seed}:\n{trace}" for _, trace in problems]
    return found


class TestFalseAlarms(unittest.TestCase):
    def test_correct_variants_pass_with_every_seed(self):
        results = in_parallel(false_alarms, len(VARIANTS))
        for (_, variant), found in zip(VARIANTS, results, strict=True):
            with self.subTest(variant=variant.__name__):
                self.assertEqual(len(found), 0, found[0] if found else "")
