"""Bugs that the checks of suites/dataset/augmentation.py are meant for."""

import functools

import numpy as np
import torch
from mnist_vae.dataset import MNISTSplit
from torch.utils.data import get_worker_info
from torchvision.transforms.functional import rotate

from ...seeding import dataset_bug
from .bases import Changed

AUGMENTATION = "test_only_augmented_splits_vary"
FRESH = "test_augmentation_is_fresh_in_every_worker_and_epoch"
DRIFT = "test_augmentation_does_not_accumulate"
SLIGHT = "test_slight_augmentation_keeps_samples_apart"


@dataset_bug(AUGMENTATION, r"train_data: 0 of 100 samples changed.*switched off", "train_data")
class AugmentationOff(MNISTSplit):
    def __init__(self, images, labels, max_rotation):
        super().__init__(images, labels, 0.0)


@dataset_bug(AUGMENTATION, r"test_data: 50 of 50 samples changed.*applied here too", "test_data")
class TestSplitAugmented(MNISTSplit):
    def __init__(self, images, labels, max_rotation):
        super().__init__(images, labels, 5.0)


@dataset_bug(
    AUGMENTATION, r"train_data: 0 of 100.*drawn once", "train_data", source="dbolya/yolact#455"
)
class RotationDrawnOnce(MNISTSplit):
    def __getitems__(self, indices):
        with torch.random.fork_rng([]):
            torch.manual_seed(0)
            return super().__getitems__(indices)


@dataset_bug(AUGMENTATION, r"train_data: 0 of 100.*seeded by the index", "train_data")
class RotationSeededByIndex(MNISTSplit):
    def __getitems__(self, indices):
        samples = []
        for index in indices:
            with torch.random.fork_rng([]):
                torch.manual_seed(index)
                samples += super().__getitems__([index])
        return samples


@dataset_bug(
    AUGMENTATION,
    r"train_data: 0 of 100.*cached",
    "train_data",
    source="How to Trust Your Deep Learning Code; tensorflow/tensorflow#47755",
)
class Cached(MNISTSplit):
    @functools.cache  # noqa: B019  the bug
    def __getitem__(self, index):
        return super().__getitem__(index)


@dataset_bug(AUGMENTATION, r"train_data: 1 of 100 samples changed", "train_data")
class OnlyFirstSampleAugmented(MNISTSplit):
    def __getitem__(self, index):
        self.max_rotation = 5.0 if index == 0 else 0.0
        return super().__getitem__(index)


class OwnGenerator(MNISTSplit):
    """Draws the angles from a generator that the dataset owns."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.rng = np.random.default_rng(0)

    def __getitems__(self, indices):
        with torch.random.fork_rng([]):
            torch.manual_seed(int(self.rng.integers(2**31)))
            return super().__getitems__(indices)


@dataset_bug(FRESH, r"64 times in one batch, and got one and the same image", "train_data")
class OneAngleForTheBatch(MNISTSplit):
    def __init__(self, images, labels, max_rotation):
        super().__init__(images, labels, 0.0)

    def __getitems__(self, indices):
        angle = torch.empty(()).uniform_(-5, 5).item()
        samples = super().__getitems__(indices)
        return [(rotate(image + 1, angle) - 1, label) for image, label in samples]


@dataset_bug(
    FRESH,
    r"two workers read train_data\[\d+\] 64 times each.*every worker copies",
    "train_data",
    source="pytorch/pytorch#5059, PR#56488, MONAI#1068",
)
class GeneratorCopiedToWorkers(OwnGenerator):
    pass


@dataset_bug(
    FRESH,
    r"two epochs read train_data\[\d+\] 64 times",
    "train_data",
    source="CodefyUI PR#195 (worker_init_fn with a fixed seed)",
)
class GeneratorSeededByWorker(OwnGenerator):
    """Different in every worker, but the same again in every epoch."""

    def __getitems__(self, indices):
        worker = get_worker_info()
        if worker is not None and not hasattr(self, "seeded"):
            self.seeded = True
            self.rng = np.random.default_rng(worker.id)
        return super().__getitems__(indices)


@dataset_bug(
    DRIFT,
    r"train_data: images drift away.*written back",
    "train_data",
    source="facebookresearch/pycls PR#21",
)
class RotationsAccumulate(MNISTSplit):
    def __getitems__(self, indices):
        samples = super().__getitems__(indices)
        self.images = self.images.clone()
        for index, (image, _) in zip(indices, samples, strict=True):
            self.images[index] = ((image[0, 2:-2, 2:-2] + 1) * 127.5).byte()
        return samples


@dataset_bug(AUGMENTATION, r"train_data: 0 of 100 samples changed", "train_data")
class AlwaysTheSameAngle(MNISTSplit):
    """A range of zero width: every image is turned by five degrees."""

    def __getitems__(self, indices):
        samples = super().__getitems__(indices)
        plain = MNISTSplit(self.images, self.labels, 0).__getitems__(indices)
        turned = [rotate(image, 5.0) for image, _ in plain]
        return [(image, label) for image, (_, label) in zip(turned, samples, strict=True)]


@dataset_bug(SLIGHT, r"nearer to another one.*stronger than meant", slight_augmentation=True)
class DegreesTakenForRadians(MNISTSplit):
    """Any angle at all."""

    def __init__(self, images, labels, max_rotation):
        super().__init__(images, labels, 180 if max_rotation else 0)


@dataset_bug(SLIGHT, r"nearer to another one.*left and a right", slight_augmentation=True)
class DigitsMirrored(Changed):
    def change(self, image, index):
        return image.flip(-1) if self.max_rotation and torch.rand(()) < 0.5 else image
