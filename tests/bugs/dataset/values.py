"""Bugs that the checks of suites/dataset/values.py are meant for."""

import torch
from mnist_vae.dataset import MNISTSplit

from ...seeding import dataset_bug
from ...subjects import SAMPLE
from .bases import Changed

SHAPE = "test_samples_have_the_declared_shape"
RANGE = "test_values_fill_the_declared_range"
LABELS = "test_labels_are_class_indices"
FOLLOWING = "test_labels_follow_the_images"


@dataset_bug(SHAPE, r"train_data\[0\] has shape \(32, 32\).*channel axis")
class ChannelAxisMissing(Changed):
    def change(self, image, index):
        return image[0]


@dataset_bug(SHAPE, r"test_data\[37\] has shape \(1, 28, 28\)", "test_data")
class OneSampleUnpadded(Changed):
    def change(self, image, index):
        return image[:, 2:-2, 2:-2] if index == 37 else image


@dataset_bug(SHAPE, r"is torch\.float64, but the models compute in torch\.float32")
class DoublePrecision(Changed):
    def change(self, image, index):
        return image.double()


@dataset_bug(SHAPE, r"train_data\[11\] has values that are not finite", "train_data")
class DividedByZeroSpread(Changed):
    def change(self, image, index):
        image = torch.zeros_like(image) if index == 11 else image
        return (image - image.mean()) / image.std()


@dataset_bug(
    RANGE,
    r"train_data has values from 0 to 1, which is one half.*\[0, 1\] in place of",
    source="AntixK/PyTorch-VAE#48, tensorflow/swift-models#179",
)
class ScaledToZeroOne(Changed):
    def change(self, image, index):
        return (image + 1) / 2


@dataset_bug(
    RANGE,
    r"test_data has values from 0 to 1",
    "test_data",
    source="Google, Rules of Machine Learning #29-32 (training-serving skew)",
)
class TestSplitNotRescaled(Changed):
    def change(self, image, index):
        return (image + 1) / 2


@dataset_bug(
    RANGE,
    r"values from -1 to -0\.99.*scaled twice",
    source="nanodet#55, InterHand2.6M#110, pytorch-nested-unet#62",
)
class DividedBy255Twice(Changed):
    def change(self, image, index):
        return (image + 1) / 255 - 1


@dataset_bug(
    RANGE,
    r"values from 0 to 255, but data_range is \[-1, 1\].*not at all",
    source="keras-team/keras#3642",
)
class NotScaled(Changed):
    def change(self, image, index):
        return (image + 1) / 2 * 255


@dataset_bug(RANGE, r"from -2 to 0, but data_range is \[-1, 1\].*wrong constants")
class AffineSlip(Changed):
    """2 * (x - 1) for 2 * x - 1."""

    def change(self, image, index):
        return image - 1


@dataset_bug(
    RANGE, r"from -0\.42\d* to 2\.8", source="mikesj-public/convolutional_autoencoder PR#9"
)
class ClassificationStatistics(Changed):
    def change(self, image, index):
        return ((image + 1) / 2 - 0.1307) / 0.3081


@dataset_bug(LABELS, r"test_data has no sample of the classes \[0\].*off by one", "test_data")
class LabelsOffByOne(MNISTSplit):
    def __init__(self, images, labels, max_rotation):
        super().__init__(SAMPLE.test_data.images, labels + 1, max_rotation)


@dataset_bug(LABELS, r"test_data has no sample of the classes \[3, 4, .*sorted data", "test_data")
class CutFromSortedData(MNISTSplit):
    def __init__(self, images, labels, max_rotation):
        super().__init__(images, labels.sort().values % 3, max_rotation)


@dataset_bug(LABELS, r"train_data\[0\] has the label .*expected an integer from 0", "train_data")
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
    RANGE,
    r"train_data has values from -1\.\d+ to 1\.\d+",
    "train_data",
    source="Humbatova et al. 2021, DeepCrime (add noise to training data)",
)
class NoiseBeyondTheRange(Changed):
    def change(self, image, index):
        return image + 0.1 * torch.randn_like(image)
