"""The suite for trainers. Its tests are in the modules trainer_*.py, one concern in each."""

from .checkpoints import CheckpointTests
from .contract import TrainerContract
from .epochs import EpochTests
from .evaluation import EvaluationTests
from .kl import KLTests
from .learning import LearningTests
from .logging import LoggingTests
from .losses import LossTests
from .processes import ProcessTests
from .steps import StepTests


class AbstractTestTrainer(
    KLTests,
    LossTests,
    LoggingTests,
    LearningTests,
    StepTests,
    EpochTests,
    EvaluationTests,
    CheckpointTests,
    ProcessTests,
    TrainerContract,
):
    """Checks a trainer of variational autoencoders.

    It has `train(epochs)`, `eval()`, `generate(n)`, `summary`, `model`, `data` and `optimizer`, and
    its class takes (model, data, optimizer, batch_size, device, log_dir, num_generated_images).
    Set `trainer`, newly built in setUp, on data whose splits are both the same single batch. The
    other attributes and hooks, in TrainerContract, have defaults.
    """
