"""Bugs that the checks of suites/dataset/splits.py are meant for."""

import types

from mnist_vae.dataset import MNISTSplit
from torch.utils.data import Subset

from ...made_datasets import Stream, streams
from ...seeding import dataset_bug, made_dataset_bug
from ...subjects import SAMPLE

PROCESSES = "test_splits_are_the_same_in_every_process"
LENGTH = "test_splits_have_the_declared_length"
NAMED = "test_every_split_is_named"


@dataset_bug(
    PROCESSES,
    r"test_data has \d\d samples, and \d\d .*as it is in every new process",
    source="How to Trust Your Deep Learning Code",
)
class SplitBySaltedHash(MNISTSplit):
    """What a run trains with is another part in every process, and tests with the rest."""

    def __init__(self, images, labels, max_rotation):
        kept = [i for i in range(len(images)) if hash(f"image {i}") % 10]
        super().__init__(images[kept], labels[kept], max_rotation)


@dataset_bug(
    LENGTH,
    r"train_data has 64 samples, but num_samples is 100.*left in from debugging",
    "train_data",
    num_samples={"train_data": 100, "test_data": 50},
)
class LimitLeftIn(MNISTSplit):
    def __init__(self, images, labels, max_rotation):
        super().__init__(images[:64], labels[:64], max_rotation)


@made_dataset_bug(LENGTH, r"train_data has 100 samples, but num_samples is 110.*a file missing")
def stream_without_its_last_file():
    return streams(Stream(0, 100), Stream(110, 60), num_samples={"train_data": 110})


def with_validation(train, validation) -> dict:
    test = MNISTSplit(SAMPLE.test_data.images[:50], SAMPLE.test_data.labels, 0.0)
    data = types.SimpleNamespace(train_data=train, test_data=test, val_data=validation)
    return {"data": data, "data_shape": (1, 32, 32)}


@made_dataset_bug(
    NAMED,
    r"3\d of 40 samples of data\.val_data, which splits\(\) does not return, are in train_data too",
)
def training_keeps_what_validation_is_cut_from():
    train = MNISTSplit(SAMPLE.train_data.images[:100], SAMPLE.train_data.labels, 5.0)
    plain = MNISTSplit(SAMPLE.train_data.images[:100], SAMPLE.train_data.labels, 0.0)
    return with_validation(train, Subset(plain, range(60, 100)))


@made_dataset_bug(NAMED, r"\d+ of 50 samples of data\.val_data.* are in test_data too.*cut from")
def validation_is_the_test_split_again():
    train = MNISTSplit(SAMPLE.train_data.images[:100], SAMPLE.train_data.labels, 5.0)
    again = MNISTSplit(SAMPLE.test_data.images[:50], SAMPLE.test_data.labels, 0.0)
    return with_validation(train, again)
