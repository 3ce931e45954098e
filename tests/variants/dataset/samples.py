"""Samples of other kinds than a tuple of an image and a label."""

import dataclasses
import types

import numpy as np
import torch
from PIL import Image
from torch.utils.data import Dataset, StackDataset, TensorDataset

from ...made_datasets import digit, drawn, made
from ...varying import dataset


def as_dict(index):
    image, label = digit(index)
    return {"image": image, "label": label, "path": f"{index}.png"}


@dataset
def dicts():
    return made(as_dict, (1, 32, 32))


def as_other_dict(index):
    image, label = digit(index)
    return {"left": image, "digit": label}


@dataset
def dicts_with_keys_of_their_own():
    return made(as_other_dict, (1, 32, 32), input_key="left", target_key="digit")


@dataclasses.dataclass
class Digit:
    image: torch.Tensor
    label: int


def as_dataclass(index):
    return Digit(*digit(index))


@dataset
def dataclasses_with_a_collate_fn():
    return made(as_dataclass, (1, 32, 32), collate_fn=stacked_digits)


def stacked_digits(samples):
    images = torch.stack([sample.image for sample in samples])
    return Digit(images, torch.tensor([sample.label for sample in samples]))


def as_pillow(index):
    image, label = digit(index)
    return Image.fromarray(((image[0].numpy() + 1) * 127.5).astype(np.uint8)), label


@dataset
def pillow_images():
    bytes_ = {"data_dtype": torch.uint8, "data_range": (0, 255)}
    return made(as_pillow, (32, 32), labels_follow_images=True, **bytes_)


def as_bytes(index):
    image, label = digit(index)
    return ((image + 1) * 127.5).to(torch.uint8), label


@dataset
def images_of_bytes():
    return made(as_bytes, (1, 32, 32), data_dtype=torch.uint8, data_range=(0, 255))


def alone(index):
    return torch.rand(7, 5, generator=drawn(index)) * 2 - 1


@dataset
def a_tensor_alone():
    return made(alone, (7, 5))


def array_alone(index):
    return np.random.default_rng(index).uniform(-1, 1, (7, 5)).astype(np.float32)


@dataset
def an_array_alone():
    return made(array_alone, (7, 5))


def nested(index):
    image, label = digit(index)
    return (image, image.flip(-1)), {"class": label, "area": (image > 0).float().mean()}


@dataset
def nested_pairs():
    return made(nested, (1, 32, 32))


def two_inputs(index):
    image, label = digit(index)
    return {"image": image, "age": torch.tensor([index % 7 / 7.0])}, label


@dataset
def two_inputs_of_two_shapes():
    return made(two_inputs, {"image": (1, 32, 32), "age": (1,)})


@dataset
def stacked_datasets_of_tensors():
    images, labels = torch.rand(90, 3, 8, 8), torch.arange(90) % 10
    train = StackDataset(image=images[:60], label=TensorDataset(labels[:60]))
    test = StackDataset(image=images[60:], label=TensorDataset(labels[60:]))
    data = types.SimpleNamespace(train_data=train, test_data=test)
    return {"data": data, "data_shape": (3, 8, 8), "augmented_splits": (), "data_range": (0, 1)}


class Arrow(Dataset):
    """Rows of columns, one or many at once, as tables on disk have them: lists of numbers."""

    def __init__(self, start: int, count: int):
        self.start, self.count = start, count

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        if isinstance(index, str):
            raise KeyError(index)
        return self.__getitems__([index])[0]

    def __getitems__(self, indices):
        rows = [torch.rand(6, generator=drawn(self.start + i)).tolist() for i in indices]
        return [{"features": row, "label": int(row[0] > 0.5)} for row in rows]


@dataset
def rows_of_a_table():
    data = types.SimpleNamespace(train_data=Arrow(0, 200), test_data=Arrow(200, 100))
    others = {"augmented_splits": (), "data_range": (0, 1), "collate_fn": rows_as_tensors}
    return {"data": data, "data_shape": (6,), **others}


def rows_as_tensors(rows):
    columns = {key: torch.tensor([row[key] for row in rows]) for key in ("features", "label")}
    return columns
