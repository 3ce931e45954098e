"""Datasets in memory, made of torch's own classes or of a class of a few lines."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.utils.data import ConcatDataset, Dataset, StackDataset, Subset, TensorDataset

from .subject import dataset

PACKAGE = "torch"
PLAIN = {"augmented_splits": (), "data_range": None}
FLOATS = {**PLAIN, "target_dtype": torch.float32}


def drawn(seed: int, *shape: int, samples: int = 40) -> Tensor:
    """Values that differ between the splits (the seed is `train`), the same at each call."""
    return torch.randn(samples, *shape, generator=torch.Generator().manual_seed(int(seed)))


def classified(seed: int, *shape: int, samples: int = 40) -> tuple[Tensor, Tensor]:
    """Inputs of four classes with different means, and the classes."""
    labels = torch.arange(samples) % 4
    return drawn(seed, *shape, samples=samples) + labels.view(-1, *[1] * len(shape)), labels


def labelled(train: bool) -> TensorDataset:
    return TensorDataset(*classified(train, 3, 8, 8))


def regression(train: bool) -> TensorDataset:
    inputs = drawn(train, 6)
    return TensorDataset(inputs, inputs @ torch.arange(6.0).unsqueeze(1))


def one_hot(train: bool) -> TensorDataset:
    inputs, labels = classified(train, 6)
    return TensorDataset(inputs, torch.nn.functional.one_hot(labels, 4).float())


def several_tags(train: bool) -> TensorDataset:
    inputs = drawn(train, 6)
    return TensorDataset(inputs, (inputs[:, :5] > 0).float())


def unlabelled(train: bool) -> TensorDataset:
    return TensorDataset(drawn(train, 1, 8, 8))


def two_inputs(train: bool) -> TensorDataset:
    images, labels = classified(train, 3, 8, 8)
    return TensorDataset(images, drawn(train, 5), labels)


def named_fields(train: bool) -> StackDataset:
    images, labels = classified(train, 3, 8, 8)
    return StackDataset(image=images, label=labels)


def subset(train: bool) -> Subset:
    """A part of one set: each has every second four samples."""
    whole = TensorDataset(*classified(0, 3, 8, 8, samples=80))
    return Subset(whole, [i for i in range(80) if (i // 4 % 2 == 0) == train])


def concatenated(train: bool) -> ConcatDataset:
    return ConcatDataset([TensorDataset(*classified(2 * train + part, 6)) for part in (0, 1)])


def plain_list(train: bool) -> list[tuple[Tensor, int]]:
    images, labels = classified(train, 3, 8, 8)
    return [(image.clone(), int(label)) for image, label in zip(images, labels, strict=True)]


class Noisy(Dataset):
    """Adds noise to training samples."""

    def __init__(self, train: bool):
        self.train = train
        self.inputs, self.labels = classified(train, 6)

    def __len__(self) -> int:
        return len(self.inputs)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        noise = 0.1 * torch.randn(6) if self.train else torch.zeros(6)
        return self.inputs[index] + noise, int(self.labels[index])


class Transformed(Dataset):
    """What torchvision's datasets look like: a transform of the input, and one of the target."""

    def __init__(self, train: bool, transform: Callable, target_transform: Callable):
        self.inputs, self.labels = classified(train, 1, 8, 8)
        self.transform, self.target_transform = transform, target_transform

    def __len__(self) -> int:
        return len(self.inputs)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        return self.transform(self.inputs[index]), self.target_transform(self.labels[index])


def tanh_and_integer(train: bool) -> Transformed:
    return Transformed(train, torch.tanh, int)


SUBJECTS = [
    dataset("labelled", labelled, (3, 8, 8), **PLAIN),
    dataset("regression", regression, (6,), **FLOATS),
    dataset("one_hot", one_hot, (6,), **FLOATS),
    dataset("several_tags", several_tags, (6,), **FLOATS),
    dataset("unlabelled", unlabelled, (1, 8, 8), has_labels=False, **PLAIN),
    dataset(
        "two_inputs",
        two_inputs,
        [(3, 8, 8), (5,)],
        input_of=lambda self, sample: sample[:2],
        target_of=lambda self, sample: sample[2],
        **PLAIN,
    ),
    dataset("named_fields", named_fields, (3, 8, 8), **PLAIN),
    dataset("subset", subset, (3, 8, 8), **PLAIN),
    dataset("concatenated", concatenated, (6,), **PLAIN),
    dataset("plain_list", plain_list, (3, 8, 8), **PLAIN),
    dataset("noisy", Noisy, (6,), data_range=None),
    dataset("transformed", tanh_and_integer, (1, 8, 8), augmented_splits=()),
]
