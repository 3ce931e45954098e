"""The suite for any nn.Module. Its tests are in the modules model_*.py, one concern in each."""

from .model_batches import BatchTests
from .model_contract import ModelContract
from .model_layers import LayerTests
from .model_outputs import OutputTests
from .model_state import StateTests
from .model_training import TrainingTests


class AbstractTestModel(
    OutputTests, BatchTests, StateTests, LayerTests, TrainingTests, ModelContract
):
    """Checks a model that takes a batch and returns a tensor, or a tuple, list or dict of them.

    Set `net` and `test_inputs`; see ModelContract for the attributes with defaults.
    """
