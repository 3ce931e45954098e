"""The attributes that a test case of a dataset sets or overrides, and how samples are read."""

import torch
from torch import Tensor

from ..contract import Required


class DatasetContract:
    """Set `data` and `data_shape`. The other attributes have defaults; override them in the class.

    A sample is a tuple that starts with an image; a label follows.
    """

    data = Required("the dataset under test, with the splits train_data and test_data")
    data_shape: tuple[int, ...] = Required("the shape of one image, e.g. (1, 32, 32)")
    # Lowest and highest value that an image may have; None where there are no bounds.
    data_range: tuple[float, float] | None = (-1.0, 1.0)
    # Names of the splits whose images are augmented at random. All others must never vary.
    augmented_splits: tuple[str, ...] = ("train_data",)
    # Whether an augmented image must stay nearer to itself than to any other image, as it does in a
    # rotation by a few degrees, but not where crops or mirror images are wanted.
    slight_augmentation: bool = False
    # Whether an integer label follows the image, and whether images that are alike, pixel by pixel,
    # tend to have the same label, as they have in MNIST and much less so in photographs.
    has_labels: bool = True
    labels_follow_images: bool = False
    # Longer splits are probed at this many evenly spaced samples.
    max_samples: int = 1000
    # Worker processes of the test of multi-process loading.
    num_workers: int = 2

    def splits(self) -> dict:
        """Name and dataset of every split. Override it to add one, and call super()."""
        return {"train_data": self.data.train_data, "test_data": self.data.test_data}

    def probes(self, split, at_most: int | None = None) -> list[int]:
        """Evenly spaced indices from the first to the last sample; fails on an empty split."""
        length = len(split)
        if length == 0:
            self.fail("The split is empty.\nIs the path right, and is anything filtered away?")
        count = min(length, at_most or self.max_samples)
        return torch.linspace(0, length - 1, count).round().long().tolist()

    def constant_splits(self) -> dict:
        """Name and dataset of the splits that are not augmented."""
        return {n: split for n, split in self.splits().items() if n not in self.augmented_splits}

    def varying_splits(self) -> dict:
        """Name and dataset of the splits that are augmented; skips where there are none."""
        if not self.augmented_splits:
            self.skipTest(f"{type(self).__name__}.augmented_splits is empty.")
        splits = self.splits()
        return {name: splits[name] for name in self.augmented_splits}


def image_of(sample) -> Tensor:
    """The image of a sample or of a batch of samples, as a tensor."""
    return torch.as_tensor(sample[0])


def samples_at(split, indices: list[int]) -> list:
    """Samples read as a DataLoader reads a batch: at once, where the dataset has that."""
    if hasattr(split, "__getitems__"):
        return split.__getitems__(indices)
    return [split[index] for index in indices]


def images_at(split, indices: list[int]) -> Tensor:
    """Copies of the images at some indices, read one by one and flattened: (n, features)."""
    return torch.stack([image_of(split[index]).double().flatten() for index in indices])


def flattened(samples: list) -> Tensor:
    """Copies of the images of some samples, flattened: (n, features), float64."""
    return torch.stack([image_of(sample).double().flatten() for sample in samples])
