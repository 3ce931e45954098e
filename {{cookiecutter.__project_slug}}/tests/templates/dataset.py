"""The suite for datasets. Its tests are in the modules dataset_*.py, one concern in each."""

from .dataset_access import AccessTests
from .dataset_augmentation import AugmentationTests
from .dataset_contract import DatasetContract
from .dataset_loading import LoadingTests
from .dataset_splits import SplitTests
from .dataset_values import ValueTests


class AbstractTestDataset(
    ValueTests, AccessTests, SplitTests, AugmentationTests, LoadingTests, DatasetContract
):
    """Checks every split of a dataset.

    Set `data` and `data_shape`; see DatasetContract for the attributes with defaults.
    """
