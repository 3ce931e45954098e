"""Steps, resuming and clipping of the generated trainer in every precision, plain and fused.

A generated project checks its own precision only: the sweep takes a minute.
"""

import unittest

import torch
from suites import AbstractTestVAETrainer
from suites.trainer import CheckpointTests, PrecisionTests, RateTests, StepTests

from .check_runs import case_class, checks_of, in_parallel, run_check
from .subjects import set_up_trainer

PRECISIONS = ("float32", "bfloat16", "float16")
SETTINGS: dict[str, dict] = {"plain": {}, "fused": {"fused": True}}
PARTS = (StepTests, RateTests, CheckpointTests, PrecisionTests)
CHECKS = sorted({check for part in PARTS for check in checks_of(part)})
TASKS = [(kind, check) for kind in SETTINGS for check in CHECKS]
LOSS_TOLERANCE = 2e-2  # of bfloat16, which has two or three digits


def problems(task: tuple[str, str]) -> list[str]:
    """What a check says of the generated trainer in all precisions, skips among it."""
    kind, check = task

    def make_optimizer(model):
        return torch.optim.Adam(model.parameters(), lr=2e-3, **SETTINGS[kind])

    def set_up(case):
        set_up_trainer(case, make_optimizer=make_optimizer)
        case.precisions = PRECISIONS
        case.loss_tolerance = LOSS_TOLERANCE

    result = run_check(case_class(kind, AbstractTestVAETrainer, set_up, "TestCase first"), check)
    return [text for _, text in result.failures + result.errors + result.skipped]


class TestPrecisions(unittest.TestCase):
    def test_every_check_passes_in_every_precision(self):
        for (kind, check), found in zip(TASKS, in_parallel(problems, TASKS), strict=True):
            with self.subTest(optimizer=kind, check=check):
                self.assertEqual(found, [])
