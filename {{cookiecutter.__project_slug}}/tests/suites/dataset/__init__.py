# SPDX-License-Identifier: MIT
"""The suite for datasets: a contract, what samples are read with, and one file per concern."""

from .access import AccessTests
from .augmentation import AugmentationTests
from .batches import BatchTests
from .contract import DatasetContract
from .generators import GeneratorTests
from .kinds import KindTests
from .labels import LabelTests
from .leaks import LeakTests
from .loading import LoadingTests
from .matching import MatchingTests
from .meaning import MeaningTests
from .memory import MemoryTests
from .moving import MovingTargetTests
from .splits import SplitTests
from .streams import StreamTests
from .targets import TargetTests
from .values import ValueTests


class AbstractTestDataset(
    KindTests,
    ValueTests,
    LabelTests,
    TargetTests,
    MovingTargetTests,
    MatchingTests,
    MeaningTests,
    AccessTests,
    MemoryTests,
    SplitTests,
    LeakTests,
    AugmentationTests,
    GeneratorTests,
    LoadingTests,
    BatchTests,
    StreamTests,
    DatasetContract,
):
    """Checks every split of a dataset.

    Set `data` and `data_shape`; see DatasetContract for the attributes with defaults.
    """
