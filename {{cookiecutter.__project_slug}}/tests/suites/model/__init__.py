"""The suite for any nn.Module. Its tests are in the modules model_*.py, one concern in each."""

from .batches import BatchTests
from .contract import ModelContract
from .layers import LayerTests
from .outputs import OutputTests
from .state import StateTests
from .training import TrainingTests


class AbstractTestModel(
    OutputTests, BatchTests, StateTests, LayerTests, TrainingTests, ModelContract
):
    """Checks a model that takes a batch and returns a tensor, or a tuple, list or dict of them.

    Set `net` and `test_inputs`; see ModelContract for the attributes with defaults.
    """
