"""Mirror images with their targets, boxes in each format, colours."""

import torch

from ...bugs.dataset.moments import coloured
from ...made_datasets import boxes_of, drawn, made, moving, picture, turned
from ...varying import dataset


def mostly_empty(index):
    """Three of four images show nothing."""
    image, mask = turned(index)
    return (image, mask) if index % 4 == 0 else (image, mask * 0)


@dataset
def masks_that_are_mostly_empty():
    return moving(mostly_empty)


def in_the_middle(index):
    """A mask that is its own mirror image, on a ground that is not; turned by a quarter as well."""
    image = 2 * torch.rand(1, 16, 16, generator=drawn(index)) - 1
    mask = torch.zeros(16, 16, dtype=torch.int64)
    mask[6:10, 4:12] = 1
    if torch.rand(()) < 0.5:
        image, mask = image.flip(-1), mask.flip(-1)
    return (image.rot90(1, (1, 2)), mask.T) if torch.rand(()) < 0.5 else (image, mask)


@dataset
def masks_in_the_middle():
    return moving(in_the_middle)


def under_light(index):
    image, mask = turned(index)
    return (image * (0.4 + 0.5 * torch.rand(()))).clamp(-1, 1), mask


@dataset
def mirrored_under_changing_light():
    return moving(under_light)


def box_with_size(index):
    image, mask = turned(index)
    boxes = boxes_of(mask)
    return image, torch.cat([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], dim=1)


@dataset
def boxes_with_their_sizes():
    return {**moving(box_with_size), "box_format": "xywh"}


def box_with_middle(index):
    image, boxes = box_with_size(index)
    return image, torch.cat([boxes[:, :2] + boxes[:, 2:] / 2, boxes[:, 2:]], dim=1)


@dataset
def boxes_by_their_middles():
    return {**moving(box_with_middle), "box_format": "cxcywh"}


def objects(index):
    """Every third image has none; classes are counted from 1."""
    image, mask = picture(index)
    boxes = boxes_of(mask)[: index % 3]
    return image, {"boxes": boxes, "labels": torch.ones(len(boxes), dtype=torch.int64)}


@dataset
def images_without_objects():
    declared = {"box_format": "xyxy", "num_classes": 2, "first_class": 1}
    return made(objects, (1, 16, 16), collate_fn=list, **declared)


def in_other_light(index):
    """The test split was taken by another camera: darker, and a little bluer."""
    image, label = coloured(index)
    blue = torch.tensor([0.0, 0.0, 0.1])[:, None, None]
    return (image * 0.7 - 0.2 + blue, label) if index >= 120 else (image, label)


@dataset
def test_images_in_other_light():
    return made(in_other_light, (3, 16, 16))
