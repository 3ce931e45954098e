"""Datasets of inputs that belong together: masks, points, pairs, views."""

import torch
from torch import Tensor
from torch.utils.data import Dataset

from .subject import dataset
from .tensor_datasets import FLOATS, PLAIN, classified, drawn

PACKAGE = "torch"


class Segmentation(Dataset):
    """Images and masks of their classes, flipped together in training."""

    def __init__(self, train: bool):
        self.train = train
        self.images = drawn(train, 1, 8, 8)

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        image = self.images[index].clone()
        if self.train and torch.rand(()) < 0.5:
            image = image.flip(-1)
        return {"image": image, "mask": (image[0] > 0).long()}


class Upscaling(Dataset):
    """Small images, and the large ones that they were made from."""

    def __init__(self, train: bool):
        self.images = drawn(train, 3, 16, 16)

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        large = self.images[index].clone()
        return {"low": torch.nn.functional.avg_pool2d(large, 2), "high": large}


class Keypoints(Dataset):
    """Images with two points in relative coordinates, mirrored together in training."""

    def __init__(self, train: bool):
        self.train = train
        self.images = drawn(train, 1, 8, 8)
        self.points = self.images[:, 0, :2, :2].sigmoid()

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        image, points = self.images[index].clone(), self.points[index].clone()
        if self.train and torch.rand(()) < 0.5:
            image, points[:, 0] = image.flip(-1), 1 - points[:, 0]
        return image, points


class Triplets(Dataset):
    """An anchor, a sample of its class and one of another."""

    def __init__(self, train: bool):
        self.inputs = drawn(train, 6)

    def __len__(self) -> int:
        return len(self.inputs)

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        like, other = (index + 4) % len(self), (index + 1) % len(self)
        indices = {"anchor": index, "positive": like, "negative": other}
        return {name: self.inputs[i].clone() for name, i in indices.items()}


class TwoViews(Dataset):
    """Two noisy views of each sample, for contrastive learning, and its class."""

    def __init__(self, train: bool):
        self.inputs, self.labels = classified(train, 3, 8, 8)

    def __len__(self) -> int:
        return len(self.inputs)

    def __getitem__(self, index: int) -> tuple[tuple[Tensor, Tensor], int]:
        views = [self.inputs[index] + 0.1 * torch.randn(3, 8, 8) for _ in range(2)]
        return (views[0], views[1]), int(self.labels[index])


class Sines(Dataset):
    """Points on a curve that are computed, not stored."""

    def __init__(self, train: bool):
        self.offset = 0.0 if train else 0.5

    def __len__(self) -> int:
        return 50

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        if not 0 <= index < 50:
            raise IndexError(index)
        place = torch.tensor([(index + self.offset) / 8])
        return place, place.sin()


TURNED = {"targets_move_with_inputs": True, "data_range": None}

SUBJECTS = [
    dataset("segmentation", Segmentation, (1, 8, 8), num_classes=2, **TURNED),
    dataset("upscaling", Upscaling, (3, 8, 8), input_key="low", target_key="high", **FLOATS),
    dataset("keypoints", Keypoints, (1, 8, 8), **TURNED),
    dataset(
        "triplets",
        Triplets,
        (6,),
        input_key=("anchor", "positive", "negative"),
        has_labels=False,
        **PLAIN,
    ),
    dataset(
        "two_views",
        TwoViews,
        (3, 8, 8),
        data_range=None,
        augmented_splits=("train_data", "test_data"),
    ),
    dataset("sines", Sines, (1,), **FLOATS),
]
