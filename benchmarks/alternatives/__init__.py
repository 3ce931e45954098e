"""What a user could pick instead of the suites, as test cases with the same attributes.

Each class takes the place of a suite: it reads the same attributes of a test case.
"""

from suites import (
    AbstractTestClassifierTrainer,
    AbstractTestDataset,
    AbstractTestLoss,
    AbstractTestModel,
    AbstractTestTrainer,
    AbstractTestVAE,
    AbstractTestVAETrainer,
)

from .article import ArticleDatasetTests, ArticleModelTests, ArticleTrainerTests
from .pytest_torch_checks import (
    PytestTorchLossTests,
    PytestTorchModelTests,
    PytestTorchTrainerTests,
)
from .torch_audit_checks import TorchAuditModelTests, TorchAuditTrainerTests
from .torcheck_checks import TorcheckModelTests, TorcheckTrainerTests
from .torchtest2_checks import Torchtest2LossTests, Torchtest2ModelTests, Torchtest2TrainerTests
from .torchtest_checks import TorchtestModelTests, TorchtestTrainerTests

MODELS = (AbstractTestModel, AbstractTestVAE)
TRAINERS = (AbstractTestTrainer, AbstractTestVAETrainer, AbstractTestClassifierTrainer)


class NothingToCheck:
    """The tool has no check for this kind of subject."""


# For every alternative, what it has in place of a suite; it has NothingToCheck for the others.
ALTERNATIVES = {
    "pytest-torch": {
        **dict.fromkeys(MODELS, PytestTorchModelTests),
        **dict.fromkeys(TRAINERS, PytestTorchTrainerTests),
        AbstractTestLoss: PytestTorchLossTests,
    },
    "torchtest2": {
        **dict.fromkeys(MODELS, Torchtest2ModelTests),
        **dict.fromkeys(TRAINERS, Torchtest2TrainerTests),
        AbstractTestLoss: Torchtest2LossTests,
    },
    "torch-audit": {
        **dict.fromkeys(MODELS, TorchAuditModelTests),
        **dict.fromkeys(TRAINERS, TorchAuditTrainerTests),
    },
    "the article's checks": {
        AbstractTestDataset: ArticleDatasetTests,
        **dict.fromkeys(MODELS, ArticleModelTests),
        AbstractTestVAETrainer: ArticleTrainerTests,
    },
    "torchtest": {
        **dict.fromkeys(MODELS, TorchtestModelTests),
        AbstractTestVAETrainer: TorchtestTrainerTests,
    },
    "torcheck": {
        **dict.fromkeys(MODELS, TorcheckModelTests),
        AbstractTestVAETrainer: TorcheckTrainerTests,
    },
}
