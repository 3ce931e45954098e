"""Bugs that the checks of suites/dataset/likeness.py are meant for."""

from mnist_vae.dataset import MNISTSplit

from ...seeding import dataset_bug

ALIKE = "test_splits_look_alike"


@dataset_bug(
    ALIKE,
    r"test_data: \d+ of 50 images have the label of the image of train_data .*transposed, mirrored",
    "train_data",
    labels_follow_images=True,
)
class TransposedForTraining(MNISTSplit):
    """The grid of a rotation has x and y exchanged; test images are not rotated."""

    def __getitems__(self, indices):
        return [(image.transpose(1, 2), y) for image, y in super().__getitems__(indices)]


@dataset_bug(ALIKE, r"in one of these splits only", "test_data", labels_follow_images=True)
class InvertedForEvaluation(MNISTSplit):
    """Black on white, as it was scanned: training has a line more."""

    def __getitems__(self, indices):
        return [(-image, y) for image, y in super().__getitems__(indices)]
