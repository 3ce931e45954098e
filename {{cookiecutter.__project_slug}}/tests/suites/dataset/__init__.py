"""The suite for datasets. Its tests are in the modules dataset_*.py, one concern in each."""

from .access import AccessTests
from .augmentation import AugmentationTests
from .contract import DatasetContract
from .loading import LoadingTests
from .splits import SplitTests
from .values import ValueTests


class AbstractTestDataset(
    ValueTests, AccessTests, SplitTests, AugmentationTests, LoadingTests, DatasetContract
):
    """Checks every split of a dataset.

    Set `data` and `data_shape`; see DatasetContract for the attributes with defaults.
    """
