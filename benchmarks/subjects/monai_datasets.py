"""Datasets of MONAI, with its transforms of dictionaries."""

import tempfile

import numpy as np
from monai import data, transforms

from .subject import dataset
from .tensor_datasets import drawn

PACKAGE = "monai"
KEYS = ("image", "label")


def volumes(train: bool) -> list[dict[str, np.ndarray]]:
    """Small volumes, and masks of what is bright in them."""
    values = drawn(train, 1, 8, 8, 8, samples=16).numpy()
    return [{"image": image, "label": (image > 1).astype(np.float32)} for image in values]


def steps(train: bool) -> transforms.Compose:
    random = [transforms.RandFlipd(KEYS, prob=0.5, spatial_axis=0)] if train else []
    return transforms.Compose([transforms.ScaleIntensityd("image"), *random])


def transformed(train: bool) -> data.Dataset:
    return data.Dataset(volumes(train), steps(train))


def cached(train: bool) -> data.CacheDataset:
    return data.CacheDataset(volumes(train), steps(train), progress=False)


def persistent(train: bool) -> data.PersistentDataset:
    return data.PersistentDataset(volumes(train), steps(train), tempfile.gettempdir())


def arrays(train: bool) -> data.ArrayDataset:
    parts = [[sample[key] for sample in volumes(train)] for key in KEYS]
    return data.ArrayDataset(parts[0], transforms.ScaleIntensity(), labels=parts[1])


MASKS = {"targets_move_with_inputs": True, "data_range": (0, 1)}
SHAPE = (1, 8, 8, 8)

SUBJECTS = [
    dataset("transformed", transformed, SHAPE, **MASKS),
    dataset("cached", cached, SHAPE, **MASKS),
    dataset("persistent", persistent, SHAPE, **MASKS),
    dataset("arrays", arrays, SHAPE, augmented_splits=(), data_range=(0, 1), has_labels=False),
]
