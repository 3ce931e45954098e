"""Datasets of torchvision, on small files in their formats."""

import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset
from torchvision import datasets, tv_tensors
from torchvision.transforms import v2

from .subject import dataset
from .tensor_datasets import drawn

PACKAGE = "torchvision"
SIZE = 12
TO_TENSOR = v2.Compose([v2.ToImage(), v2.ToDtype(torch.float32, scale=True)])
FLIPPED = v2.Compose([TO_TENSOR, v2.RandomHorizontalFlip()])


def folder(name: str) -> Path:
    path = Path(tempfile.gettempdir()) / name
    path.mkdir(parents=True, exist_ok=True)
    return path


def pictures(train: bool, samples: int = 24) -> np.ndarray:
    """Pictures as bytes; those of odd numbers are brighter."""
    values = drawn(train, SIZE, SIZE, 3, samples=samples) + (torch.arange(samples) % 2).view(
        -1, 1, 1, 1
    )
    return (values.sigmoid() * 255).byte().numpy()


@cache
def written_pictures(train: bool) -> Path:
    """A folder for each of two classes."""
    root = folder(f"pictures{train}")
    for index, picture in enumerate(pictures(train)):
        place = folder(f"pictures{train}/class{index % 2}")
        Image.fromarray(picture).save(place / f"{index}.png")
    return root


def image_folder(train: bool) -> Dataset:
    return datasets.ImageFolder(written_pictures(train), FLIPPED if train else TO_TENSOR)


def cropped(train: bool) -> Dataset:
    """The usual augmentation of ImageNet."""
    jitter = v2.ColorJitter(0.2, 0.2)
    random = v2.Compose([TO_TENSOR, v2.RandomResizedCrop(8, antialias=True), jitter])
    fixed = v2.Compose([TO_TENSOR, v2.CenterCrop(8)])
    return datasets.ImageFolder(written_pictures(train), random if train else fixed)


def without_transform(train: bool) -> Dataset:
    return datasets.ImageFolder(written_pictures(train))


@cache
def written_arrays(train: bool) -> Path:
    for index, picture in enumerate(pictures(train)):
        np.save(folder(f"arrays{train}/class{index % 2}") / f"{index}.npy", picture)
    return folder(f"arrays{train}")


def array_folder(train: bool) -> Dataset:
    """Files of arrays with a loader of one's own."""
    return datasets.DatasetFolder(written_arrays(train), loaded, extensions=(".npy",))


def loaded(path: str) -> Tensor:
    return torch.from_numpy(np.load(path)).permute(2, 0, 1).float() / 255


def fake_data(train: bool) -> Dataset:
    """Another offset of the seeds makes other pictures."""
    offset = 0 if train else 1000
    return datasets.FakeData(24, (3, SIZE, SIZE), 4, TO_TENSOR, random_offset=offset)


def fake_data_twice(train: bool) -> Dataset:
    """As it is usually called: both splits are the same."""
    return datasets.FakeData(24, (3, SIZE, SIZE), 4, TO_TENSOR)


@cache
def written_bytes() -> Path:
    """The files of FashionMNIST, with a few pictures."""
    raw = folder("fashion/FashionMNIST/raw")
    for part, name in ((True, "train"), (False, "t10k")):
        values = (drawn(part, 28, 28).sigmoid() * 255).byte().numpy()
        labels = (np.arange(40) % 10).astype(np.uint8)
        write_idx(raw / f"{name}-images-idx3-ubyte", values)
        write_idx(raw / f"{name}-labels-idx1-ubyte", labels)
    return folder("fashion")


def fashion_mnist(train: bool) -> Dataset:
    normalise = v2.Compose([TO_TENSOR, v2.Normalize([0.286], [0.353])])
    return datasets.FashionMNIST(written_bytes(), train, normalise)


def write_idx(path: Path, values: np.ndarray) -> None:
    sizes = b"".join(size.to_bytes(4, "big") for size in values.shape)
    path.write_bytes(bytes([0, 0, 8, values.ndim]) + sizes + values.tobytes())


@cache
def written_masks(train: bool) -> Path:
    """The folders of Pascal VOC."""
    year = f"voc{train}/VOCdevkit/VOC2012"
    names = [f"{train}{index}" for index in range(12)]
    for name, picture in zip(names, pictures(train, 12), strict=True):
        mask = Image.fromarray((picture[..., 0] > 128).astype(np.uint8))
        Image.fromarray(picture).save(folder(f"{year}/JPEGImages") / f"{name}.jpg")
        mask.save(folder(f"{year}/SegmentationClass") / f"{name}.png")
    (folder(f"{year}/ImageSets/Segmentation") / "train.txt").write_text("\n".join(names))
    return folder(f"voc{train}")


def segmentation(train: bool) -> Dataset:
    """Pictures and masks, flipped together."""
    plain = datasets.VOCSegmentation(
        written_masks(train), image_set="train", transforms=masked(train)
    )
    return datasets.wrap_dataset_for_transforms_v2(plain)


def masked(train: bool) -> Callable:
    types = {tv_tensors.Image: torch.float32, tv_tensors.Mask: torch.int64, "others": None}
    steps = [v2.ToImage(), v2.ToDtype(types, scale=True)]
    return v2.Compose([*steps, v2.RandomHorizontalFlip()] if train else steps)


class Pedestrians(Dataset):
    """Pictures with a number of boxes that differs, as detection models take them."""

    def __init__(self, train: bool):
        self.pictures = pictures(train)
        self.transform = v2.RandomHorizontalFlip(0.5 if train else 0.0)

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, index: int) -> tuple[Tensor, dict[str, Tensor]]:
        image = tv_tensors.Image(torch.from_numpy(self.pictures[index]).permute(2, 0, 1) / 255)
        corners = torch.tensor([[1.0, 1, 5, 6], [2, 3, 9, 11], [0, 0, 4, 4]])[: 1 + index % 3]
        boxes = tv_tensors.BoundingBoxes(corners, format="XYXY", canvas_size=(SIZE, SIZE))
        return self.transform(image, {"boxes": boxes, "labels": torch.ones(len(corners)).long()})


def as_lists(samples: list) -> tuple:
    """What torchvision's own references batch detection with."""
    return tuple(zip(*samples, strict=True))


SHAPE = (3, SIZE, SIZE)
UNIT = {"data_range": (0, 1)}
DETECTION = {"collate_fn": staticmethod(as_lists), "targets_move_with_inputs": True}

SUBJECTS = [
    dataset("image_folder", image_folder, SHAPE, **UNIT),
    dataset("cropped", cropped, (3, 8, 8), **UNIT),
    dataset(
        "without_transform",
        without_transform,
        (SIZE, SIZE, 3),
        data_range=(0, 255),
        augmented_splits=(),
        data_dtype=torch.uint8,
    ),
    dataset("array_folder", array_folder, SHAPE, augmented_splits=(), **UNIT),
    dataset("fake_data", fake_data, SHAPE, augmented_splits=(), **UNIT),
    dataset("fake_data_twice", fake_data_twice, SHAPE, augmented_splits=(), **UNIT),
    dataset("fashion_mnist", fashion_mnist, (1, 28, 28), augmented_splits=(), data_range=None),
    dataset("segmentation", segmentation, SHAPE, targets_move_with_inputs=True, **UNIT),
    dataset("pedestrians", Pedestrians, SHAPE, **DETECTION, **UNIT),
]
