"""All correct variants, of the modules *_variants.py, with the suite of each."""

from collections.abc import Callable

from templates import (
    AbstractTestDataset,
    AbstractTestModel,
    AbstractTestTrainer,
    AbstractTestVAE,
)

from .dataset_variants import DATASETS
from .model_variants import MODELS
from .trainer_variants import TRAINERS
from .vae_variants import VAES

SUITES: dict[type, list[Callable]] = {
    AbstractTestVAE: VAES,
    AbstractTestModel: MODELS,
    AbstractTestDataset: DATASETS,
    AbstractTestTrainer: TRAINERS,
}
VARIANTS: list[tuple[type, Callable]] = [
    (suite, variant) for suite, variants in SUITES.items() for variant in variants
]


def set_up_of(suite: type, variant: Callable) -> Callable:
    """What sets the attributes of a test case to those of a variant."""

    def set_up(case):
        # Trainers write files, which are removed when the test case ends.
        vars(case).update(variant(case) if suite is AbstractTestTrainer else variant())

    return set_up
