"""Bugs that the checks of suites/dataset/values.py are meant for."""

import torch

from ...seeding import dataset_bug
from ...subjects import SAMPLE
from .bases import Changed

SHAPE = "test_samples_have_the_declared_shape"
RANGE = "test_values_fill_the_declared_range"
BLANK = "test_inputs_are_not_blank"


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


@dataset_bug(
    RANGE,
    r"train_data has values from -1\.\d+ to 1\.\d+",
    "train_data",
    source="Humbatova et al. 2021, DeepCrime (add noise to training data)",
)
class NoiseBeyondTheRange(Changed):
    def change(self, image, index):
        return image + 0.1 * torch.randn_like(image)


@dataset_bug(
    BLANK,
    r"33 of 100 inputs of train_data have one value throughout, the first is train_data\[2\]",
    "train_data",
)
class EveryThirdImageBlack(Changed):
    def change(self, image, index):
        return torch.full_like(image, -1) if index % 3 == 2 else image


@dataset_bug(BLANK, r"5 of 50 inputs of test_data have one value.*not found", "test_data")
class UnreadableImagesGrey(Changed):
    """What a decoder gives up on is grey in place of an error."""

    def change(self, image, index):
        return torch.zeros_like(image) if index % 10 == 7 else image


@dataset_bug(BLANK, r"9 of 50 inputs of test_data are one and the same.*placeholder", "test_data")
class PlaceholderForTheMissing(Changed):
    def change(self, image, index):
        return SAMPLE.test_data[150][0] if index % 6 == 5 or index == 0 else image


@dataset_bug(
    SHAPE,
    r"test_data\[3\] is torch\.float64, but data_dtype is torch\.float32",
    "test_data",
    data_dtype=torch.float32,
)
class OneSampleInDoublePrecision(Changed):
    def change(self, image, index):
        return image.double() if index == 3 else image
