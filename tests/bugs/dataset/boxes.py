"""Bugs that the checks of suites/dataset/boxes.py are meant for."""

import torch

from ...made_datasets import boxes_of, made, picture
from ...seeding import made_dataset_bug

BOXES = "test_boxes_lie_in_their_image"


def enlarged(index):
    """The boxes are those of an image twice as large."""
    image, mask = picture(index)
    return image, {"boxes": boxes_of(mask) * 2 + 1, "labels": torch.ones(1, dtype=torch.int64)}


@made_dataset_bug(BOXES, r"A box of \w+\[\d+\] has the corners .* outside of its image, 16 wide")
def boxes_of_another_size():
    return made(enlarged, (1, 16, 16), box_format="xyxy")


def with_sizes(index):
    image, mask = picture(index)
    boxes = boxes_of(mask)
    return image, torch.cat([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], dim=1)


@made_dataset_bug(BOXES, r"its end is not behind its beginning.*box_format is 'xyxy'")
def sizes_in_place_of_ends():
    return made(with_sizes, (1, 16, 16), box_format="xyxy")


@made_dataset_bug(BOXES, r"box_format is 'yxyx'; expected one of")
def a_format_that_is_not_known():
    return made(with_sizes, (1, 16, 16), box_format="yxyx")
