"""The suite for trainers. Its tests are in the modules trainer_*.py, one concern in each."""

from .trainer_checkpoints import CheckpointTests
from .trainer_contract import TrainerContract
from .trainer_epochs import EpochTests
from .trainer_evaluation import EvaluationTests
from .trainer_kl import KLTests
from .trainer_learning import LearningTests
from .trainer_logging import LoggingTests
from .trainer_losses import LossTests
from .trainer_steps import StepTests


class AbstractTestTrainer(
    KLTests,
    LossTests,
    LoggingTests,
    LearningTests,
    StepTests,
    EpochTests,
    EvaluationTests,
    CheckpointTests,
    TrainerContract,
):
    """Checks a trainer of variational autoencoders.

    It has `train(epochs)`, `eval()`, `generate(n)`, `summary`, `model`, `data` and `optimizer`, and
    its class takes (model, data, optimizer, batch_size, device, log_dir, num_generated_images).
    Set `trainer`, newly built in setUp, on data whose splits are both the same single batch. The
    other attributes and hooks, in TrainerContract, have defaults.
    """
