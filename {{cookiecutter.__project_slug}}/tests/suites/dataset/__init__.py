# SPDX-License-Identifier: MIT
"""The suite for datasets: a contract, what samples are read with, and one file per concern."""

from .access import AccessTests
from .augmentation import AugmentationTests
from .boxes import BoxTests
from .contract import DatasetContract
from .features import FeatureTests
from .generators import GeneratorTests
from .kinds import KindTests
from .labels import LabelTests
from .leaks import LeakTests
from .likeness import LikenessTests
from .loading import LoadingTests
from .matching import MatchingTests
from .meaning import MeaningTests
from .memory import MemoryTests
from .mirrors import MirrorTests
from .moments import MomentTests
from .numbering import NumberingTests
from .padding import PaddingTests
from .pairs import PairTests
from .splits import SplitTests
from .streams import StreamTests
from .targets import TargetTests
from .values import ValueTests
from .windows import WindowTests


class AbstractTestDataset(
    KindTests,
    ValueTests,
    LikenessTests,
    LabelTests,
    TargetTests,
    MirrorTests,
    BoxTests,
    PairTests,
    MatchingTests,
    MeaningTests,
    NumberingTests,
    FeatureTests,
    MomentTests,
    WindowTests,
    AccessTests,
    MemoryTests,
    SplitTests,
    LeakTests,
    AugmentationTests,
    GeneratorTests,
    LoadingTests,
    PaddingTests,
    StreamTests,
    DatasetContract,
):
    """Checks every split of a dataset.

    Set `data` and `data_shape`; see DatasetDeclarations for the attributes with defaults.
    """
