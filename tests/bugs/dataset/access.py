"""Bugs that the checks of suites/dataset/access.py are meant for."""

import random

import numpy as np
import torch
from mnist_vae.dataset import MNISTSplit

from ...seeding import dataset_bug

PICKLING = "test_pickles"
END = "test_index_ends_at_the_length"
NEGATIVE = "test_negative_index"
INDEX = "test_index_decides_the_sample"
GENERATOR = "test_reading_leaves_the_random_generator_alone"


@dataset_bug(PICKLING, r"train_data cannot be pickled.*lambda", "train_data")
class HoldsLambda(MNISTSplit):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.transform = lambda image: 2 * image - 1


@dataset_bug(PICKLING, r"test_data\[0\] is another image once test_data was pickled", "test_data")
class PermutationNotPickled(MNISTSplit):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.order = list(range(len(self)))
        random.Random(0).shuffle(self.order)

    def __getitems__(self, indices):
        return super().__getitems__([self.order[i] for i in indices])

    def __getstate__(self):
        return {**vars(self), "order": list(range(len(self)))}


@dataset_bug(
    END,
    r"train_data\[100\] returns a sample, but the length is 100.*wrapped",
    "train_data",
    strict_indices=True,
)
class WrapsAround(MNISTSplit):
    def __getitems__(self, indices):
        return super().__getitems__([i % len(self) for i in indices])


@dataset_bug(
    END,
    r"test_data\[50\] raises KeyError where the length is 50",
    "test_data",
    strict_indices=True,
)
class WrongError(MNISTSplit):
    def __getitems__(self, indices):
        try:
            return super().__getitems__(indices)
        except IndexError:
            raise KeyError(indices[0]) from None


@dataset_bug(END, r"returns a sample, but the length is 49", "test_data", strict_indices=True)
class OneSampleTooFew(MNISTSplit):
    def __len__(self):
        return super().__len__() - 1


@dataset_bug(NEGATIVE, r"test_data\[-1\] is not the last sample", "test_data", strict_indices=True)
class OffsetAdded(MNISTSplit):
    """The first samples belong to another split."""

    def __len__(self):
        return super().__len__() - 10

    def __getitems__(self, indices):
        if max(indices) >= len(self):
            raise IndexError
        return super().__getitems__([i + 10 for i in indices])


@dataset_bug(
    INDEX, r"test_data returns other samples when it is read backwards.*cursor", "test_data"
)
class Cursor(MNISTSplit):
    position = 0

    def __getitems__(self, indices):
        start = self.position
        self.position += len(indices)
        return super().__getitems__([(start + i) % len(self) for i in range(len(indices))])


@dataset_bug(INDEX, r"test_data has 1 different images at 50 indices.*index ignored", "test_data")
class IndexIgnored(MNISTSplit):
    def __getitems__(self, indices):
        return super().__getitems__([0] * len(indices))


@dataset_bug(INDEX, r"test_data has 10 different images at 50 indices.*index", "test_data")
class NamesCollide(MNISTSplit):
    """Images are kept by the names of their files, which every folder begins at 0.png again."""

    def __init__(self, images, labels, max_rotation):
        by_name = {f"{index % 10}.png": image for index, image in enumerate(images)}
        images = torch.stack([by_name[f"{index % 10}.png"] for index in range(len(images))])
        super().__init__(images, labels, max_rotation)


@dataset_bug(
    GENERATOR,
    r"Reading train_data\[0\] sets the global random generator.*manual_seed",
    "train_data",
    source="dvgodoy/PyTorchStepByStep#33",
)
class SeedsInGetItem(MNISTSplit):
    def __getitems__(self, indices):
        torch.manual_seed(0)
        return super().__getitems__(indices)


@dataset_bug(
    GENERATOR, r"test_data\[0\] sets the global random generator.*repeat themselves", "test_data"
)
class SeedsForTheTest(MNISTSplit):
    """Every epoch after an evaluation has the same order, noise and augmentation."""

    def __getitems__(self, indices):
        torch.manual_seed(0)
        return super().__getitems__(indices)


@dataset_bug(
    GENERATOR,
    r"train_data\[0\] sets the global random generator.*Is np\.random\.seed",
    "train_data",
)
class SeedsNumPyInGetItem(MNISTSplit):
    def __getitems__(self, indices):
        np.random.seed(0)
        return super().__getitems__(indices)


@dataset_bug(
    GENERATOR, r"test_data\[0\] sets the global random generator.*Is random\.seed", "test_data"
)
class SeedsPythonInGetItem(MNISTSplit):
    def __getitems__(self, indices):
        random.seed(indices[0])
        return super().__getitems__(indices)
