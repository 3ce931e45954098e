# SPDX-License-Identifier: MIT
"""The suites for trainers: of any model, and with what a task adds. One concern in each module."""

from .averages import AverageTests
from .batch_losses import BatchLossTests
from .checkpoints import CheckpointTests
from .completeness import CompletenessTests
from .devices import DeviceTests
from .epochs import EpochTests
from .evaluation import EvaluationTests
from .failures import FailureTests
from .learning import LearningTests
from .logging import LoggingTests
from .networks import NetworkTests
from .parameters import ParameterTests
from .precision import PrecisionTests
from .processes import ProcessTests
from .rates import RateTests
from .recorded_result import RecordedResultTests
from .saving import SavingTests
from .schedules import ScheduleTests
from .selection import SelectionTests
from .sequences import SequenceTests
from .steps import StepTests
from .streams import StreamTests


class AbstractTestTrainer(
    CompletenessTests,
    LoggingTests,
    LearningTests,
    ParameterTests,
    BatchLossTests,
    PrecisionTests,
    SequenceTests,
    StreamTests,
    StepTests,
    RateTests,
    ScheduleTests,
    NetworkTests,
    FailureTests,
    EpochTests,
    DeviceTests,
    EvaluationTests,
    CheckpointTests,
    SavingTests,
    SelectionTests,
    AverageTests,
    ProcessTests,
    RecordedResultTests,
):
    """Checks a trainer of any model, by what it does to copies of that model.

    Set `trainer`, newly built in setUp by `new_trainer`, on data whose splits are both the same
    single batch, and define `new_trainer(model, data, *, batch_size, ...)`. The other attributes
    and hooks, in TrainerContract, have defaults.
    """
