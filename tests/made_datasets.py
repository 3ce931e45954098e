"""Small correct datasets for bugs and variants: digits, rows, texts, pictures and streams."""

import types
from collections.abc import Callable

import torch
from torch.utils.data import Dataset, IterableDataset, get_worker_info

from .subjects import SAMPLE

WORDS = 50


class Made(Dataset):
    """Samples that a function makes of an index; past the end it goes on."""

    def __init__(self, make: Callable, count: int, start: int = 0):
        self.make, self.count, self.start = make, count, start

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        return self.make(self.start + index)


def made(make: Callable, data_shape, **others) -> dict:
    """Two splits without augmentation, of 120 and 60 samples."""
    data = types.SimpleNamespace(train_data=Made(make, 120), test_data=Made(make, 60, start=120))
    return {"data": data, "data_shape": data_shape, "augmented_splits": (), **others}


def drawn(index: int) -> torch.Generator:
    return torch.Generator().manual_seed(index)


def digit(index: int) -> tuple[torch.Tensor, int]:
    image, label = SAMPLE.test_data[index]
    return image.clone(), label


def text(index: int, length: int) -> tuple[torch.Tensor, int]:
    """A text of one of two kinds, which prefer other words, and the number of its kind."""
    kind = index % 2
    words = torch.randint(0, WORDS, (length,), generator=drawn(index))
    return torch.where(
        torch.rand(length, generator=drawn(index)) < 0.5, words // 2 + 25 * kind, words
    ), kind


def ragged(index):
    words, kind = text(index, 5 + index % 9)
    return words, kind


def padded(samples):
    words = torch.nn.utils.rnn.pad_sequence([s[0] for s in samples], batch_first=True)
    return words, torch.tensor([s[1] for s in samples])


def row(index: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Six numbers, and one that depends on them."""
    values = torch.rand(6, generator=drawn(index)) * 2 - 1
    return values, values @ torch.arange(6.0) + 0.1 * torch.randn((), generator=drawn(index))


def picture(index: int) -> tuple[torch.Tensor, torch.Tensor]:
    """A bright rectangle on a noisy ground, (1, 16, 16), and its mask (16, 16)."""
    left, top = torch.randint(0, 9, (2,), generator=drawn(index)).tolist()
    width, height = torch.randint(3, 7, (2,), generator=drawn(index + 10_000)).tolist()
    mask = torch.zeros(16, 16, dtype=torch.int64)
    mask[top : top + height, left : left + width] = 1
    noise = 0.2 * torch.rand(1, 16, 16, generator=drawn(index))
    return (mask[None] * 0.7 + noise) * 2 - 0.9, mask


def boxes_of(mask: torch.Tensor) -> torch.Tensor:
    rows, columns = mask.any(dim=1).nonzero(), mask.any(dim=0).nonzero()
    return torch.stack([columns.min(), rows.min(), columns.max(), rows.max()])[None].float()


def turned(index):
    """Mirrored or not, up and down as well, with its mask."""
    image, mask = picture(index)
    for axis in (-1, -2):
        if torch.rand(()) < 0.5:
            image, mask = image.flip(axis), mask.flip(axis)
    return image, mask


class Stream(IterableDataset):
    """Digits in their order; each worker reads every n-th of them."""

    def __init__(self, start: int, count: int):
        self.start, self.count = start, count

    def indices(self) -> list[int]:
        return list(range(self.start, self.start + self.count))

    def __iter__(self):
        worker = get_worker_info()
        part = slice(worker.id, None, worker.num_workers) if worker else slice(None)
        return map(digit, self.indices()[part])


def streams(train, test, **others) -> dict:
    data = types.SimpleNamespace(train_data=train, test_data=test)
    return {"data": data, "data_shape": (1, 32, 32), "augmented_splits": (), **others}


class Plain:
    """Not a class of PyTorch's."""

    def __init__(self, start: int, count: int):
        self.start, self.count = start, count

    def __iter__(self):
        worker = get_worker_info()
        step, first = (worker.num_workers, worker.id) if worker else (1, 0)
        for index in range(self.start + first, self.start + self.count, step):
            image, label = digit(index)
            yield {"x": image, "y": label}


class WithLength(Stream):
    def __len__(self):
        return self.count


class Shuffled(WithLength):
    """In an order that torch draws, the same in all workers."""

    epoch = 0

    def indices(self):
        worker = get_worker_info()
        seed = worker.seed - worker.id if worker else int(torch.randint(2**31, ()))
        order = torch.randperm(self.count, generator=drawn(seed)).tolist()
        return [self.start + i for i in order]


def moving(make) -> dict:
    both = {"augmented_splits": ("train_data", "test_data"), "targets_move_with_inputs": True}
    return made(make, (1, 16, 16), **both)
