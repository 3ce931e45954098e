"""Windows over series, token ids and streams."""

from collections.abc import Iterator

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import ChainDataset, Dataset, IterableDataset, get_worker_info

from .subject import dataset
from .tensor_datasets import FLOATS, PLAIN, classified, drawn

PACKAGE = "torch"


class Windows(Dataset):
    """Ten values of a series and the one that follows; windows overlap."""

    def __init__(self, train: bool):
        self.series = drawn(train, samples=80).cumsum(0)

    def __len__(self) -> int:
        return len(self.series) - 10

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        return self.series[index : index + 10], self.series[index + 10]


class WindowsAlone(Windows):
    """The same, to be reconstructed: a sample is one tensor."""

    def __getitem__(self, index: int) -> Tensor:
        return super().__getitem__(index)[0].unsqueeze(0)


class Forecasts(Windows):
    """The past and the future of several channels, as a dict."""

    def __init__(self, train: bool):
        self.series = drawn(train, 3, samples=80).cumsum(0)

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        past, future = self.series[index : index + 6], self.series[index + 6 : index + 10]
        return {"past": past, "future": future}


class NextCharacters(Dataset):
    """Blocks of a text as token ids, and the same shifted by one."""

    def __init__(self, train: bool):
        generator = torch.Generator().manual_seed(int(train))
        self.text = torch.randint(0, 30, (90,), generator=generator)

    def __len__(self) -> int:
        return len(self.text) - 8

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        block = self.text[index : index + 9]
        return block[:-1], block[1:]


class Sentences(Dataset):
    """Token ids of several lengths with a label."""

    def __init__(self, train: bool):
        self.sentences = [values[: 3 + i % 5] for i, values in enumerate(drawn(train, 8))]

    def __len__(self) -> int:
        return len(self.sentences)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        return (self.sentences[index].abs() * 10).long() + 1, index % 2


def padded(samples: list[tuple[Tensor, int]]) -> tuple[Tensor, Tensor]:
    sentences, labels = zip(*samples, strict=True)
    return pad_sequence(list(sentences), batch_first=True), torch.tensor(labels)


class MaskedWords(NextCharacters):
    """Token ids with an attention mask and labels, by the names that transformers has for them."""

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        ids, labels = super().__getitem__(index)
        return {"input_ids": ids, "attention_mask": torch.ones_like(ids), "labels": labels}


class Waveforms(Dataset):
    """Sounds, their sampling rate and the word that is spoken."""

    def __init__(self, train: bool):
        sounds, self.words = classified(train, 1, 64)
        self.sounds = (sounds / 4).tanh()

    def __len__(self) -> int:
        return len(self.sounds)

    def __getitem__(self, index: int) -> tuple[Tensor, int, int]:
        return self.sounds[index].clone(), 8000, int(self.words[index])


class Clips(Dataset):
    """Clips of four frames, cut at a random moment in training."""

    def __init__(self, train: bool):
        self.train = train
        self.videos, self.labels = classified(train, 3, 9, 6, 6)

    def __len__(self) -> int:
        return len(self.videos)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        start = int(torch.randint(0, 6, ())) if self.train else 0
        return self.videos[index, :, start : start + 4].clone(), int(self.labels[index])


class Stream(IterableDataset):
    """Samples one after the other; each worker takes its share."""

    def __init__(self, seed: int):
        self.inputs, self.labels = classified(seed, 6)

    def order(self) -> list[int]:
        return list(range(len(self.inputs)))

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        worker = get_worker_info()
        first, step = (worker.id, worker.num_workers) if worker else (0, 1)
        for index in self.order()[first::step]:
            yield self.inputs[index].clone(), self.labels[index].clone()


class CountedStream(Stream):
    def __len__(self) -> int:
        return len(self.inputs)


class ShuffledStream(Stream):
    """In a new order in each epoch, the same one in all workers."""

    def __init__(self, train: bool):
        super().__init__(train)
        self.train = train

    def order(self) -> list[int]:
        worker = get_worker_info()
        seed = worker.seed - worker.id if worker else int(torch.randint(2**31, ()))
        generator = torch.Generator().manual_seed(seed)
        return torch.randperm(40, generator=generator).tolist() if self.train else super().order()


class EndlessStream(IterableDataset):
    """Fresh samples without an end, drawn by each worker's own generator."""

    def __iter__(self) -> Iterator[tuple[Tensor, int]]:
        while True:
            label = int(torch.randint(0, 3, ()))
            yield torch.randn(4) + 3 * label, label


def chained(train: bool) -> ChainDataset:
    return ChainDataset([Stream(2 * train + part) for part in (0, 1)])


TOKENS = {**PLAIN, "data_dtype": torch.int64, "target_dtype": torch.int64}
BOTH = ("train_data", "test_data")

SUBJECTS = [
    dataset("windows", Windows, (10,), **FLOATS),
    dataset("windows_alone", WindowsAlone, (1, 10), has_labels=False, **PLAIN),
    dataset("forecasts", Forecasts, (6, 3), input_key="past", target_key="future", **FLOATS),
    dataset("next_characters", NextCharacters, (8,), **TOKENS),
    dataset(
        "sentences",
        Sentences,
        (None,),
        collate_fn=staticmethod(padded),
        data_dtype=torch.int64,
        **PLAIN,
    ),
    dataset("masked_words", MaskedWords, (8,), input_key=("input_ids", "attention_mask"), **TOKENS),
    dataset(
        "waveforms",
        Waveforms,
        (1, 64),
        target_of=lambda self, sample: sample[2],
        augmented_splits=(),
    ),
    dataset("clips", Clips, (3, 4, 6, 6), data_range=None),
    dataset("stream", Stream, (6,), **PLAIN),
    dataset("counted_stream", CountedStream, (6,), **PLAIN),
    dataset("shuffled_stream", ShuffledStream, (6,), shuffled_splits=("train_data",), **PLAIN),
    dataset(
        "endless_stream",
        lambda train: EndlessStream(),
        (4,),
        data_range=None,
        augmented_splits=BOTH,
    ),
    dataset("chained_streams", chained, (6,), **PLAIN),
]
