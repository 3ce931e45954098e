"""Bugs that the checks of suites/dataset/matching.py are meant for."""

import types

import torch
from mnist_vae.dataset import MNISTSplit

from ...made_datasets import Made, digit, made, picture, row, text
from ...seeding import dataset_bug, made_dataset_bug
from ...subjects import SAMPLE

MATCHING = "test_targets_match_their_inputs"
TRAIN, TEST = 500, 400


@dataset_bug(
    MATCHING,
    r"test_data: from the inputs \d+ of 100 targets .*as many as by chance; in train_data they are",
    "test_data",
    source="kaggle_image-classify#12, MultimediaTechLab/YOLO#85",
)
class LabelsShuffled(MNISTSplit):
    def __init__(self, images, labels, max_rotation):
        order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(1))
        super().__init__(SAMPLE.test_data.images, labels[order], max_rotation)


def shifted(make):
    """The target of a sample is that of the next one."""
    return lambda index: (make(index)[0], make(index + 1)[1])


@made_dataset_bug(MATCHING, r"train_data: .* from the input of the next sample.*shifted by one")
def digits_beside_the_label_of_the_next():
    return made(shifted(digit), (1, 32, 32))


@made_dataset_bug(
    MATCHING, r"train_data: .* from the input of the \w+ sample.*header was read as a row"
)
def numbers_beside_the_row_before():
    return many(shifted(row), (6,), target_dtype=torch.float32)


@made_dataset_bug(MATCHING, r"train_data: .* from the input of the \w+ sample")
def masks_of_the_next_picture():
    return many(shifted(picture), (1, 16, 16))


def many(make, data_shape, **others) -> dict:
    attributes = made(make, data_shape, **others)
    attributes["data"] = types.SimpleNamespace(
        train_data=Made(make, TRAIN), test_data=Made(make, TEST, start=TRAIN)
    )
    return attributes


def shuffled_in_test(make):
    order = torch.randperm(TEST, generator=torch.Generator().manual_seed(0)) + TRAIN

    def other(index):
        return int(order[index - TRAIN]) if index >= TRAIN else index

    return lambda index: (make(index)[0], make(other(index))[1])


@made_dataset_bug(
    MATCHING, r"test_data: from the inputs .* as many as by chance; in train_data they are"
)
def texts_of_the_test_split_shuffled():
    return many(shuffled_in_test(lambda i: text(i, 20)), (20,), data_dtype=torch.int64)


@made_dataset_bug(
    MATCHING, r"test_data: from the inputs .* as many as by chance; in train_data they are"
)
def numbers_of_the_test_split_shuffled():
    return many(shuffled_in_test(row), (6,), target_dtype=torch.float32)


@dataset_bug(
    MATCHING,
    r"test_data: \d+ samples look like another class in train_data.*other numbers",
    "test_data",
)
class ClassesInAnotherOrder(MNISTSplit):
    """As where each split makes a table of the classes that it meets."""

    def __init__(self, images, labels, max_rotation):
        table = torch.tensor([1, 2, 0, 3, 4, 5, 6, 8, 9, 7])
        super().__init__(SAMPLE.test_data.images, table[labels], max_rotation)


def other_sign(index):
    values, number = row(index)
    return values, number if index < TRAIN else -number


@made_dataset_bug(MATCHING, r"test_data: \d+ samples look like another class.*another sign")
def numbers_of_another_sign():
    return many(other_sign, (6,), target_dtype=torch.float32)


def paired_at_random(make, count: int):
    order = torch.randperm(count, generator=torch.Generator().manual_seed(0)).tolist()
    return lambda index: (make(index)[0], make(order[index])[1])


@made_dataset_bug(
    MATCHING, r"train_data: from the inputs \d+ of 60 targets .*guessable_targets is declared"
)
def both_splits_shuffled():
    """Seen where it is declared only: in no split can targets be guessed."""
    return made(
        paired_at_random(row, 180), (6,), target_dtype=torch.float32, guessable_targets=True
    )
