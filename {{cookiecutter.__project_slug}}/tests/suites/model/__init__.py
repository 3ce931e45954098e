"""The suite for any nn.Module. Each module beside this one holds the tests of one concern."""

from .batches import BatchTests
from .before_training import BeforeTrainingTests
from .causality import CausalityTests
from .compiling import CompilingTests
from .construction import ConstructionTests
from .contract import ModelContract
from .freezing import FreezingTests
from .initial_signal import InitialSignalTests
from .inplace import InplaceTests
from .layers import LayerTests
from .outputs import OutputTests
from .padding import PaddingTests
from .recorded_outputs import RecordedOutputsTests
from .state import StateTests
from .training import TrainingTests
from .training_mode import TrainingModeTests
from .tying import TyingTests


class AbstractTestModel(
    OutputTests,
    BatchTests,
    StateTests,
    LayerTests,
    TrainingTests,
    TrainingModeTests,
    InitialSignalTests,
    ConstructionTests,
    BeforeTrainingTests,
    InplaceTests,
    TyingTests,
    FreezingTests,
    CausalityTests,
    PaddingTests,
    RecordedOutputsTests,
    CompilingTests,
    ModelContract,
):
    """Checks a model that takes a batch and returns a tensor, or a tuple, list or dict of them.

    Set `net` and `test_inputs`; see ModelContract for the attributes with defaults.
    """
