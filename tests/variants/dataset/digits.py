"""MNIST in unusual forms."""

import types
from collections.abc import Callable

import torch
from mnist_vae.dataset import MNISTSplit
from torch.utils.data import ConcatDataset, Dataset, Subset

from ...subjects import SAMPLE
from ...varying import dataset


class Samples:
    """A list of samples, changed by a function when they are read."""

    def __init__(self, split, count: int, change: Callable = lambda image, label: (image, label)):
        self.split, self.count, self.change = split, count, change

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        if not 0 <= index < self.count:
            raise IndexError(index)
        return self.change(*self.split[index])


def data_of(train, test, **others) -> dict:
    data = types.SimpleNamespace(train_data=train, test_data=test)
    return {"data": data, "data_shape": (1, 32, 32), **others}


def changed(change: Callable, **others) -> dict:
    train, test = SAMPLE.train_data, SAMPLE.test_data
    return data_of(Samples(train, 120, change), Samples(test, 60, change), **others)


def tensor_label(image, label):
    return image, torch.tensor(label)


def array_image(image, label):
    return image.numpy(), label


def list_of_array_and_label(image, label):
    return [image.numpy(), label]


def three_channel_image(image, label):
    return image.repeat(3, 1, 1), label


def normalised_image(image, label):
    return ((image + 1) / 2 - 0.1307) / 0.3081, label


def without_label(image, label):
    return (image,)


def binarised(image, label):
    return (image > 0).float() * 2 - 1, label


@dataset
def labels_as_tensors():
    return changed(tensor_label)


@dataset
def images_as_arrays():
    return changed(array_image)


@dataset
def samples_as_lists_of_arrays():
    return changed(list_of_array_and_label)


@dataset
def images_with_three_channels():
    return changed(three_channel_image, data_shape=(3, 32, 32))


@dataset
def normalised_images():
    return changed(normalised_image, data_range=(-0.43, 2.83))


class Stored(Dataset):
    """Images that are kept as floats, already normalised."""

    def __init__(self, split: MNISTSplit):
        images = torch.stack([image for image, _ in split])
        self.images, self.labels = (images - images.mean()) / images.std(), split.labels

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        return self.images[index].clone(), self.labels[index]


@dataset
def stored_as_normalised_floats():
    train = Stored(MNISTSplit(SAMPLE.train_data.images[:100], SAMPLE.train_data.labels, 0.0))
    return data_of(train, Stored(SAMPLE.test_data), augmented_splits=(), data_range=(-0.6, 3.4))


@dataset
def samples_without_labels():
    return changed(without_label, has_labels=False)


@dataset
def binarised_images():
    return changed(binarised)


@dataset
def list_of_samples():
    train = [SAMPLE.test_data[i] for i in range(100)]
    test = [
        (image.clone(), label) for image, label in (SAMPLE.test_data[i] for i in range(100, 200))
    ]
    return data_of(Copying(train), Copying(test), augmented_splits=())


class Copying(list):
    """A list that gives its images away as copies."""

    def __getitem__(self, index):
        image, label = super().__getitem__(index)
        return image.clone(), label


@dataset
def subset_and_concatenation():
    train = ConcatDataset(
        [Subset(SAMPLE.train_data, range(50)), Subset(SAMPLE.train_data, range(50, 90))]
    )
    return data_of(train, Subset(SAMPLE.test_data, range(0, 120, 2)))
