"""Bugs that the checks of suites/dataset/kinds.py are meant for."""

import types

import torch
from torch.utils.data import DataLoader

from ...made_datasets import Made, digit, made
from ...seeding import made_dataset_bug

KINDS = "test_samples_are_of_a_known_kind"


class Graph:
    """Nodes with features, and edges; nothing that the suite could read."""

    def __init__(self, index):
        self.x = torch.rand(index % 5 + 2, 3)


@made_dataset_bug(KINDS, r"has input of type \S+Graph.*Override input_of\(sample\)")
def graphs():
    return made(Graph, (None, 3))


def two_images(index):
    image, label = digit(index)
    return {"left": image, "right": image, "digit": label}


@made_dataset_bug(KINDS, r"a sample with the keys \['digit', 'left', 'right'\]; set input_key")
def keys_that_say_nothing():
    return made(two_images, (1, 32, 32))


@made_dataset_bug(KINDS, r"'image' is none")
def key_that_is_not_there():
    return made(two_images, (1, 32, 32), input_key="image")


@made_dataset_bug(KINDS, r"a DataLoader in place of a dataset as train_data")
def loader_in_place_of_a_dataset():
    loader = DataLoader(Made(digit, 20))
    data = types.SimpleNamespace(train_data=loader, test_data=Made(digit, 20))
    return {"data": data, "data_shape": (1, 32, 32)}


@made_dataset_bug(KINDS, r"no splits train_data and test_data .*override splits\(\)")
def splits_of_other_names():
    return {"data": types.SimpleNamespace(train=Made(digit, 20)), "data_shape": (1, 32, 32)}


def missing(index):
    raise FileNotFoundError(f"{index}.png")


@made_dataset_bug(KINDS, r"train_data\[0\] raises FileNotFoundError: 0.png")
def file_that_is_not_there():
    return made(missing, (1, 32, 32))
