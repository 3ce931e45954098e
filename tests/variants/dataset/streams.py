"""Streams, which have no index."""

import itertools

import torch
from torch.utils.data import IterableDataset

from ...made_datasets import Plain, Shuffled, Stream, digit, streams
from ...varying import dataset


@dataset
def streams_that_are_shared_by_workers():
    return streams(Stream(0, 110), Stream(110, 60), num_samples={"train_data": 110})


@dataset
def a_shuffled_stream_beside_a_dataset():
    test = [digit(i) for i in range(110, 160)]
    return streams(Shuffled(0, 110), Copies(test), shuffled_splits=("train_data",))


class Copies(list):
    def __getitem__(self, index):
        image, label = super().__getitem__(index)
        return image.clone(), label


class Endless(IterableDataset):
    """Drawn by torch, which has another seed in each worker."""

    def __iter__(self):
        for _ in itertools.count():
            label = int(torch.randint(10, ()))
            yield torch.rand(1, 8, 8) * 2 - 1, label


@dataset
def endless_streams_of_noise():
    return {**streams(Endless(), Endless()), "data_shape": (1, 8, 8), "max_samples": 100}


@dataset
def any_object_that_can_be_iterated():
    return streams(Plain(0, 60), Plain(60, 40))


class ByEpoch(Stream):
    """In an order of its own in each epoch, whose number is told."""

    epoch = 0

    def set_epoch(self, epoch):
        self.epoch = epoch

    def indices(self):
        indices = super().indices()
        order = torch.randperm(len(indices), generator=torch.Generator().manual_seed(self.epoch))
        return [indices[i] for i in order]


@dataset
def streams_that_are_told_their_epoch():
    return streams(ByEpoch(0, 110), Stream(110, 60), shuffled_splits=("train_data",))
