"""Bugs that the checks of suites/dataset/leaks.py are meant for."""

import types

import torch
from mnist_vae.dataset import MNISTSplit

from ...made_datasets import Made, drawn, made, ragged
from ...seeding import dataset_bug, made_dataset_bug
from ...subjects import SAMPLE

LEAKAGE = "test_splits_share_no_samples"


@dataset_bug(
    LEAKAGE,
    r"[345]\d of 50 samples of test_data are in train_data too.*taken for the other",
    "test_data",
    source="luxonis-train PR#213, TOSICA PR#11, DESlib#126",
)
class TestIsTrain(MNISTSplit):
    def __init__(self, images, labels, max_rotation):
        super().__init__(SAMPLE.train_data.images[:50], SAMPLE.train_data.labels[:50], max_rotation)


@dataset_bug(
    LEAKAGE,
    r"\d of 50 samples of test_data are in train_data too.*slices overlap",
    "test_data",
    source="GotenNet#10, multimil#75, BGC-Prophet#8",
)
class SlicesOverlap(MNISTSplit):
    """Six of fifty, one in eight, and train is augmented."""

    def __init__(self, images, labels, max_rotation):
        images = images.clone()
        images[:6] = SAMPLE.train_data.images[94:100]
        super().__init__(images, labels, max_rotation)


@dataset_bug(
    LEAKAGE,
    r"[34]\d of 50 samples of test_data are in train_data too",
    "train_data",
    source="huggingface/datasets#4261, gluonts#1418, tsoumakas/mulan#4",
)
class TrainContainsTest(MNISTSplit):
    def __init__(self, images, labels, max_rotation):
        images = torch.cat([images, SAMPLE.test_data.images[:50]])
        super().__init__(images, labels, max_rotation)


def long_noise(index):
    return torch.rand(4, 4, generator=drawn(index)) * 2 - 1, index % 7


@made_dataset_bug(
    LEAKAGE,
    r"(99|100) of 100 samples of test_data are in train_data too",
    source="torchvision FakeData: an offset of the random numbers is forgotten",
)
def a_long_split_repeats_the_other():
    """Evenly spaced probes of 5,000 and of 700 samples hardly meet."""
    data = types.SimpleNamespace(train_data=Made(long_noise, 5000), test_data=Made(long_noise, 700))
    others = {"augmented_splits": (), "max_samples": 100}
    return {"data": data, "data_shape": (4, 4), **others}


@made_dataset_bug(LEAKAGE, r"\d+ of 60 samples of test_data are in train_data too.*slices overlap")
def texts_of_several_lengths_in_both_splits():
    attributes = made(ragged, (None,), data_dtype=torch.int64)
    attributes["data"].test_data.start = 110
    return attributes


def often(index):
    """Every fourth row of 240 twice, drawn into both splits afterwards."""
    order = torch.randperm(300, generator=drawn(0)).tolist()
    place = order[index] if order[index] < 240 else order[index] % 60 * 4
    values = torch.rand(6, generator=drawn(place)) * 2 - 1
    return values, values.sum()


@made_dataset_bug(LEAKAGE, r"\d+ of 60 samples of test_data are in train_data too")
def rows_repeated_before_the_split():
    return made(often, (6,), target_dtype=torch.float32)
