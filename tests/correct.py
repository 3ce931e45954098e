"""All correct variants, of trainer_variants.py and of variants.py, with the suite of each."""

from collections.abc import Callable

from templates import AbstractTestTrainer

from .trainer_variants import TRAINERS
from .variants import SUITE_OF

VARIANTS: list[tuple[type, Callable]] = [
    (suite, variant)
    for suite, variants in {**SUITE_OF, AbstractTestTrainer: TRAINERS}.items()
    for variant in variants
]


def set_up_of(suite: type, variant: Callable) -> Callable:
    """What sets the attributes of a test case to those of a variant."""

    def set_up(case):
        # Trainers write files, which are removed when the test case ends.
        vars(case).update(variant(case) if suite is AbstractTestTrainer else variant())

    return set_up
