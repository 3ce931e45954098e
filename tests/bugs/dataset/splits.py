"""Bugs that the checks of suites/dataset/splits.py are meant for."""

import torch
from mnist_vae.dataset import MNISTSplit

from ...seeding import dataset_bug
from ...subjects import SAMPLE

LEAKAGE = "test_splits_share_no_samples"
PROCESSES = "test_splits_are_the_same_in_every_process"


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
