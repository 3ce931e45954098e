"""Targets of all kinds: numbers, vectors, masks, boxes, images."""

import types

import torch

from ...made_datasets import Made, boxes_of, drawn, made, picture, row, turned
from ...varying import dataset


@dataset
def a_number_to_predict():
    return made(row, (6,), target_dtype=torch.float32)


def float_of_python(index):
    values, number = row(index)
    return values, float(number)


@dataset
def a_float_to_predict():
    return made(float_of_python, (6,), has_labels=False)


def several_numbers(index):
    values, number = row(index)
    return values, torch.stack([number, 1000 * values.sum(), values[0]])


@dataset
def several_numbers_of_several_sizes():
    return made(several_numbers, (6,))


def one_hot(index):
    values, number = row(index)
    return values, torch.eye(3)[(number > -2).int() + (number > 2).int()]


@dataset
def one_of_three_as_a_vector():
    return made(one_hot, (6,))


def several_labels(index):
    values, _ = row(index)
    return values, (values[:4] > 0).float()


@dataset
def several_labels_at_once():
    return made(several_labels, (6,))


@dataset
def masks():
    return made(picture, (1, 16, 16), num_classes=2)


def detection(index):
    image, mask = picture(index)
    boxes = boxes_of(mask).repeat(1 + index % 3, 1)
    return image, {"boxes": boxes, "labels": torch.ones(len(boxes), dtype=torch.int64)}


def zipped(samples):
    return tuple(zip(*samples, strict=True))


@dataset
def boxes_of_any_number():
    return made(detection, (1, 16, 16), collate_fn=zipped)


def augmented(make, data_shape, **others) -> dict:
    attributes = made(make, data_shape, **others)
    attributes["data"] = types.SimpleNamespace(
        train_data=Made(make, 120), test_data=Made(picture_for(make), 60, start=120)
    )
    return {**attributes, "augmented_splits": ("train_data",)}


def picture_for(make):
    return {turned: picture, turned_box: box_of_picture, shifted_and_brightened: picture}[make]


@dataset
def masks_that_turn():
    return augmented(turned, (1, 16, 16), targets_move_with_inputs=True)


def box_of_picture(index):
    image, mask = picture(index)
    return image, boxes_of(mask)


def turned_box(index):
    image, mask = turned(index)
    return image, boxes_of(mask)


@dataset
def boxes_that_turn():
    return augmented(turned_box, (1, 16, 16), targets_move_with_inputs=True)


def shifted_and_brightened(index):
    """Moved by up to three pixels, in another brightness and contrast each time."""
    image, mask = picture(index)
    steps = torch.randint(-3, 4, (2,)).tolist()
    image = image.roll(steps, (1, 2)) * (0.6 + 0.3 * torch.rand(())) + 0.1 * torch.rand(())
    return image, mask.roll(steps, (0, 1))


@dataset
def masks_that_move_under_changing_light():
    return augmented(shifted_and_brightened, (1, 16, 16), targets_move_with_inputs=True)


def noisy(index):
    clean = picture(index)[0]
    return clean + 0.05 * torch.randn(clean.shape, generator=drawn(index)).clamp(-1, 1), clean


@dataset
def images_as_targets():
    return made(noisy, (1, 16, 16), data_range=(-1.1, 1.1))


def labelled_by_few(index):
    return torch.rand(8, generator=drawn(index)) * 2 - 1, torch.tensor(index % 100)


@dataset
def as_many_classes_as_samples():
    return made(labelled_by_few, (8,))
