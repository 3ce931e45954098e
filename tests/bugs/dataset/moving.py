"""Bugs that the checks of suites/dataset/moving.py are meant for."""

import torch
from torchvision.transforms.functional import InterpolationMode, rotate

from ...made_datasets import boxes_of, moving, picture, turned
from ...seeding import made_dataset_bug

MOVING = "test_targets_turn_with_their_inputs"


def left_behind(index):
    return turned(index)[0], picture(index)[1]


@made_dataset_bug(MOVING, r"inputs change between reads, their targets never do.*left behind")
def masks_left_behind():
    return moving(left_behind)


def box_left_behind(index):
    image, mask = left_behind(index)
    return image, {"boxes": boxes_of(mask), "labels": torch.tensor([1])}


@made_dataset_bug(MOVING, r"inputs change between reads, their targets never do.*boxes")
def boxes_left_behind():
    return moving(box_left_behind)


def turned_apart(index):
    return turned(index)[0], turned(index)[1]


@made_dataset_bug(MOVING, r"the same input and other targets.*once more for the target")
def masks_turned_by_themselves():
    return moving(turned_apart)


def rotated_apart(index):
    image, mask = picture(index)
    angles = (40 * torch.rand(2) - 20).tolist()
    return rotate(image, angles[0], InterpolationMode.BILINEAR), rotate(mask[None], angles[1])[0]


@made_dataset_bug(MOVING, r"change between reads, but not together.*random numbers of its own")
def masks_rotated_by_angles_of_their_own():
    return moving(rotated_apart)


def shifted_apart(index):
    image, mask = picture(index)
    steps = torch.randint(-3, 4, (4,)).tolist()
    boxes = boxes_of(mask.roll(steps[2:], (0, 1)))
    return image.roll(steps[:2], (1, 2)), boxes


@made_dataset_bug(MOVING, r"(not together|the same input and other targets)")
def boxes_shifted_by_themselves():
    return moving(shifted_apart)
