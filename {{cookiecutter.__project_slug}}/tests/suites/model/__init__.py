"""The suite for any nn.Module, one concern in each file."""

from .activations import ActivationTests
from .batches import BatchTests
from .devices import DeviceTests
from .gradients import GradientTests
from .inputs import InputTests
from .layers import LayerTests
from .linearity import LinearityTests
from .modes import ModeTests
from .numerical import NumericalTests
from .outputs import OutputTests
from .precision import PrecisionTests
from .randomness import RandomnessTests
from .state import StateTests
from .updates import UpdateTests


class AbstractTestModel(
    OutputTests,
    InputTests,
    BatchTests,
    DeviceTests,
    PrecisionTests,
    RandomnessTests,
    ModeTests,
    StateTests,
    ActivationTests,
    LayerTests,
    LinearityTests,
    UpdateTests,
    GradientTests,
    NumericalTests,
):
    """Checks any nn.Module. Set `net` and `test_inputs`; see ModelContract for the rest."""
