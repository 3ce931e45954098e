# SPDX-License-Identifier: MIT
"""The suite for any nn.Module, one concern in each file."""

from .activations import ActivationTests
from .batch_sizes import BatchSizeTests
from .batches import BatchTests
from .before_training import BeforeTrainingTests
from .causality import CausalityTests
from .compiling import CompilingTests
from .construction import ConstructionTests
from .devices import DeviceTests
from .freezing import FreezingTests
from .gradients import GradientTests
from .initial_signal import InitialSignalTests
from .inplace import InplaceTests
from .inputs import InputTests
from .layers import LayerTests
from .linearity import LinearityTests
from .modes import ModeTests
from .numerical import NumericalTests
from .outputs import OutputTests
from .padding import PaddingTests
from .precision import PrecisionTests
from .randomness import RandomnessTests
from .recorded_outputs import RecordedOutputsTests
from .state import StateTests
from .training_mode import TrainingModeTests
from .tying import TyingTests
from .updates import UpdateTests


class AbstractTestModel(
    OutputTests,
    InputTests,
    BatchSizeTests,
    BatchTests,
    DeviceTests,
    PrecisionTests,
    RandomnessTests,
    ModeTests,
    StateTests,
    ConstructionTests,
    BeforeTrainingTests,
    ActivationTests,
    InitialSignalTests,
    LayerTests,
    LinearityTests,
    TyingTests,
    InplaceTests,
    UpdateTests,
    FreezingTests,
    GradientTests,
    TrainingModeTests,
    NumericalTests,
    CausalityTests,
    PaddingTests,
    RecordedOutputsTests,
    CompilingTests,
):
    """Checks any nn.Module. Set `net` and `test_inputs`; see ModelContract for the rest."""
