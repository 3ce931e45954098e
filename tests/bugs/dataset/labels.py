"""Bugs that the checks of suites/dataset/labels.py are meant for."""

import torch
from mnist_vae.dataset import MNISTSplit

from ...seeding import dataset_bug
from ...subjects import SAMPLE

LABELS = "test_labels_are_class_indices"
FOLLOWING = "test_labels_follow_the_images"
SHARES = "test_classes_have_the_declared_shares"
EQUAL_SHARES = [0.1] * 10


@dataset_bug(LABELS, r"test_data has no sample of the classes \[0\].*off by one", "test_data")
class LabelsOffByOne(MNISTSplit):
    def __init__(self, images, labels, max_rotation):
        super().__init__(SAMPLE.test_data.images, labels + 1, max_rotation)


@dataset_bug(LABELS, r"test_data has no sample of the classes \[3, 4, .*sorted data", "test_data")
class CutFromSortedData(MNISTSplit):
    def __init__(self, images, labels, max_rotation):
        super().__init__(images, labels.sort().values % 3, max_rotation)


@dataset_bug(
    LABELS,
    r"train_data\[0\] has the label .*expected an integer from 0",
    "train_data",
    num_classes=10,
)
class FloatingLabels(MNISTSplit):
    def __init__(self, images, labels, max_rotation):
        super().__init__(images, labels / 9, max_rotation)


@dataset_bug(
    FOLLOWING,
    r"test_data: \d+ of 50 images have the label of the image .*shuffled, sorted or shifted",
    "test_data",
    labels_follow_images=True,
)
class LabelsShifted(MNISTSplit):
    """By one, as where a header was taken for a label."""

    def __init__(self, images, labels, max_rotation):
        super().__init__(images, labels.roll(1), max_rotation)


@dataset_bug(
    SHARES,
    r"train_data has 3\d samples of class 1 among 100; .* 0\.1 lets expect 10.*oversampled",
    "train_data",
    class_shares=EQUAL_SHARES,
)
class OneClassOversampled(MNISTSplit):
    def __init__(self, images, labels, max_rotation):
        ones = (labels[: len(images)] == 1).nonzero().flatten()
        kept = torch.cat([torch.arange(len(images) - 2 * len(ones)), ones, ones])
        super().__init__(images[kept], labels[kept], max_rotation)


@dataset_bug(
    SHARES,
    r"test_data has 0 samples of class 9 among \d+.*filtered away",
    "test_data",
    class_shares={7: 0.1, 9: 0.1},
)
class NinesFilteredAway(MNISTSplit):
    def __init__(self, images, labels, max_rotation):
        kept = SAMPLE.test_data.labels != 9
        super().__init__(SAMPLE.test_data.images[kept], SAMPLE.test_data.labels[kept], max_rotation)
