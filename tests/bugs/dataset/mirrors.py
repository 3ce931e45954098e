"""Bugs that the checks of suites/dataset/mirrors.py are meant for."""

import torch

from ...made_datasets import boxes_of, moving, picture
from ...seeding import made_dataset_bug

MIRRORS = "test_targets_follow_mirror_images"


def mirrored_by_half(index):
    """Upside down both turn, from left to right the image alone."""
    image, mask = picture(index)
    if torch.rand(()) < 0.5:
        image, mask = image.flip(-2), mask.flip(-2)
    return image.flip(-1) if torch.rand(()) < 0.5 else image, mask


@made_dataset_bug(
    MIRRORS, r"22 of 22 samples whose image is mirrored left to right, the target stay"
)
def masks_left_behind_by_one_mirror():
    return moving(mirrored_by_half)


def box_mirrored_by_half(index):
    image, mask = mirrored_by_half(index)
    return image, boxes_of(mask)


@made_dataset_bug(MIRRORS, r"mirrored left to right, the target stays as it is.*boxes\s+behind")
def boxes_left_behind_by_one_mirror():
    return moving(box_mirrored_by_half)


def upright_box(index):
    image, mask = picture(index)
    if torch.rand(()) < 0.5:
        image, mask = image.flip(-1), mask.flip(-1)
    return image, boxes_of(mask)[:, [1, 0, 3, 2]]


@made_dataset_bug(MIRRORS, r"y of the boxes changes and x does not.*Is y written first")
def boxes_with_y_first():
    return {**moving(upright_box), "box_format": "xyxy"}
