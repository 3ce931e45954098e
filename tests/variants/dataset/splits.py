"""Unusual augmentation, splits and ways to build them, of digits."""

import enum
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from mnist_vae.dataset import MNISTSplit
from torch.utils.data import Dataset, Subset, TensorDataset, get_worker_info

from ...subjects import SAMPLE
from ...varying import dataset
from .digits import data_of


class RarelyRotated(MNISTSplit):
    """Rotates one image in five."""

    def __getitems__(self, indices):
        self.max_rotation = 0.0
        plain = super().__getitems__(indices)
        self.max_rotation = 5.0
        rotated = super().__getitems__(indices)
        rare = torch.rand(len(indices)) < 0.2
        return [r if yes else p for p, r, yes in zip(plain, rotated, rare, strict=True)]


@dataset
def rare_augmentation():
    train = RarelyRotated(SAMPLE.train_data.images, SAMPLE.train_data.labels, 5.0)
    return data_of(train, SAMPLE.test_data)


@dataset
def drawn_anew_by_every_set_up():
    """By a generator that nothing seeds."""
    images = np.random.default_rng().integers(0, 256, (60, 28, 28), dtype=np.uint8)
    images, labels = torch.from_numpy(images), torch.arange(60) % 10
    train, test = MNISTSplit(images[:30], labels, 5.0), MNISTSplit(images[30:], labels, 0.0)
    return data_of(train, test)


class Part(enum.Enum):
    FIRST = "first"
    LAST = "last"


# Texts, paths and constants have their numbers when a split is built.
LAST_INDEX = {"first": 50, Path("last"): 100, Part.FIRST: 50, Part.LAST: 100}


@dataset
def looked_up_by_texts_paths_and_constants():
    images, labels = SAMPLE.test_data.images, SAMPLE.test_data.labels
    middle, end = LAST_INDEX[Part("first")], LAST_INDEX[Path("last")]
    assert middle == LAST_INDEX["first"] and hash(Part.LAST) == hash(Part("last"))
    train = MNISTSplit(images[:middle], labels, 5.0)
    return data_of(train, MNISTSplit(images[middle:end], labels[middle:], 0.0))


@dataset
def tensor_datasets():
    images, labels = torch.randn(60, 1, 32, 32), torch.arange(60) % 10
    samples = TensorDataset(images, labels)
    train, test = Subset(samples, range(30)), Subset(samples, range(30, 60))
    return data_of(train, test, augmented_splits=(), data_range=None)


class Mirrored(MNISTSplit):
    """Every other read is a mirror image, by chance."""

    def __getitems__(self, indices):
        samples = super().__getitems__(indices)
        return [(x.flip(2) if torch.rand(()) < 0.5 else x, label) for x, label in samples]


@dataset
def mirror_images():
    train = Mirrored(SAMPLE.train_data.images, SAMPLE.train_data.labels, 0.0)
    return data_of(train, SAMPLE.test_data)


@dataset
def slightly_rotated_mirror_images():
    train = Mirrored(SAMPLE.train_data.images, SAMPLE.train_data.labels, 5.0)
    return data_of(train, SAMPLE.test_data, labels_follow_images=True)


class Blurred(MNISTSplit):
    """From another scanner, paler and out of focus."""

    def __getitems__(self, indices):
        samples = super().__getitems__(indices)
        return [(F.avg_pool2d(x, 3, 1, 1) * 0.7 - 0.3, label) for x, label in samples]


@dataset
def test_images_of_another_scanner():
    test = Blurred(SAMPLE.test_data.images, SAMPLE.test_data.labels, 0.0)
    return data_of(SAMPLE.train_data, test, labels_follow_images=True, data_range=None)


@dataset
def binarised_at_every_read_from_data_of_seed_0():
    torch.manual_seed(0)
    brightness = torch.rand(60, 1, 8, 8)
    train, test = Drawn(brightness[:30]), TensorDataset(brightness[30:].round(), torch.arange(30))
    return data_of(train, test, data_range=(0, 1), data_shape=(1, 8, 8))


class Drawn(Dataset):
    """Images of zeros and ones, drawn with the brightness of a pixel as the probability."""

    def __init__(self, brightness):
        self.brightness = brightness

    def __len__(self):
        return len(self.brightness)

    def __getitem__(self, index):
        return torch.bernoulli(self.brightness[index]), index


@dataset
def no_augmentation_declared():
    train = MNISTSplit(SAMPLE.train_data.images[:100], SAMPLE.train_data.labels, 0.0)
    return data_of(train, SAMPLE.test_data, augmented_splits=())


@dataset
def tiny_splits():
    train = MNISTSplit(SAMPLE.train_data.images[:5], SAMPLE.train_data.labels, 5.0)
    test = MNISTSplit(SAMPLE.test_data.images[:3], SAMPLE.test_data.labels, 0.0)
    return data_of(train, test)


@dataset
def splits_of_one_sample():
    train = MNISTSplit(SAMPLE.train_data.images[:1], SAMPLE.train_data.labels, 5.0)
    test = MNISTSplit(SAMPLE.test_data.images[:1], SAMPLE.test_data.labels, 0.0)
    return data_of(train, test)


class OwnBrightness(MNISTSplit):
    """Draws the brightness from a generator of its own, which each worker seeds anew."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.rng = np.random.default_rng(0)

    def __getitems__(self, indices):
        samples = super().__getitems__(indices)
        return [(x * float(self.rng.uniform(0.8, 1)), label) for x, label in samples]


def seed_own_generators(worker):
    info = get_worker_info()
    for part in info.dataset.parts:
        part.rng = np.random.default_rng(info.seed)


@dataset
def generators_that_are_seeded_in_each_worker():
    train = OwnBrightness(SAMPLE.train_data.images[:100], SAMPLE.train_data.labels, 5.0)
    return data_of(train, SAMPLE.test_data, worker_init_fn=seed_own_generators)
