"""Bugs that the checks of suites/dataset/targets.py are meant for."""

import math

import torch
from mnist_vae.dataset import MNISTSplit

from ...made_datasets import boxes_of, digit, made, picture, row
from ...seeding import dataset_bug, made_dataset_bug

SHAPE = "test_targets_have_the_declared_shape"
CONSTANT = "test_targets_stay_the_same"


def gap(index):
    values, number = row(index)
    return values, torch.tensor(math.nan) if index == 17 else number


@made_dataset_bug(SHAPE, r"target of train_data\[17\] has values that are not finite.*gap")
def number_that_is_missing():
    return made(gap, (6,), target_dtype=torch.float32)


def double(index):
    values, number = row(index)
    return values, torch.stack([number, number]).double()


@made_dataset_bug(SHAPE, r"train_data\[0\] is torch\.float64; expected torch\.float32")
def targets_in_double_precision():
    return made(double, (6,))


def column(index):
    values, number = row(index)
    return values, number[None]


@made_dataset_bug(SHAPE, r"train_data\[0\] has shape \(1,\); expected \(\)")
def column_for_a_number():
    """Which broadcasts against the outputs of a model."""
    return made(column, (6,), target_shape=(), target_dtype=torch.float32)


def uncropped(index):
    image, mask = picture(index)
    return image, mask[:-1] if index == 130 else mask


@made_dataset_bug(SHAPE, r"test_data\[10\] has shape \(15, 16\); expected \(16, 16\)")
def mask_of_another_size():
    return made(uncropped, (1, 16, 16))


def scaled_mask(index):
    image, mask = picture(index)
    return image, 255 * mask


@made_dataset_bug(SHAPE, r"has the class 255; num_classes is 2, which are 0 to 1")
def mask_as_an_image():
    return made(scaled_mask, (1, 16, 16), num_classes=2)


def from_one(index):
    image, label = digit(index)
    return image, label + 1


@made_dataset_bug(SHAPE, r"has the class 10; num_classes is 10, which .*have the number 1")
def labels_from_one_on():
    return made(from_one, (1, 32, 32), num_classes=10)


@dataset_bug(CONSTANT, r"\d+ of 100 targets of train_data are another one when read", "train_data")
class NoisyLabels(MNISTSplit):
    """A tenth of the labels is drawn at random, at each read."""

    def __getitems__(self, indices):
        samples = super().__getitems__(indices)
        drawn = torch.rand(len(samples)) < 0.1
        return [
            (x, (y + 1) % 10 if other else y) for (x, y), other in zip(samples, drawn, strict=True)
        ]


def noisy(index):
    values, number = row(index)
    return values, number + 0.01 * torch.randn(())


@made_dataset_bug(
    CONSTANT, r"120 of 120 targets of train_data.*drawn at random, or changed in place"
)
def noise_on_the_numbers():
    return made(noisy, (6,), target_dtype=torch.float32)


MASKS = [picture(index)[1] for index in range(180)]


def scaled_in_place(index):
    return picture(index)[0], MASKS[index].add_(1)


@made_dataset_bug(
    CONSTANT, r"targets of train_data are another one.*in place", source="mindee/doctr#840"
)
def masks_changed_in_place():
    return made(scaled_in_place, (1, 16, 16))


def objects_from_zero(index):
    """The first class of objects has the number of the background."""
    image, mask = picture(index)
    return image, {"boxes": boxes_of(mask), "labels": torch.tensor([index % 2])}


@made_dataset_bug(SHAPE, r"has the class 0; num_classes is 3, which are 1 to 2.*counted from 0")
def objects_numbered_like_the_background():
    return made(objects_from_zero, (1, 16, 16), num_classes=3, first_class=1)
