"""Bugs that the checks of suites/dataset/streams.py are meant for."""

import itertools
import random

import torch
from torch.utils.data import IterableDataset, get_worker_info

from ...made_datasets import Stream, digit, streams
from ...seeding import made_dataset_bug

LENGTH = "test_streams_end_after_their_length"
ANEW = "test_streams_start_anew"
SHARED = "test_workers_share_streams"
ORDER = "test_streams_have_a_new_order_in_each_epoch"
WORKERS = "test_streams_load_in_worker_processes"


class LengthOfTheFile(Stream):
    """A header is counted as well."""

    def __len__(self):
        return self.count + 1


@made_dataset_bug(LENGTH, r"train_data has 60 samples, but its length is 61.*left out")
def stream_with_a_header():
    return streams(LengthOfTheFile(0, 60), Stream(60, 40))


class LengthInBatches(Stream):
    def __len__(self):
        return self.count // 16


@made_dataset_bug(LENGTH, r"test_data has 3 or more samples, but its length is 2")
def length_in_batches():
    return streams(Stream(0, 60), LengthInBatches(60, 40))


class Begun(Stream):
    """One iterator for all epochs."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.samples = iter([digit(i) for i in self.indices()])

    def __iter__(self):
        return self.samples


@made_dataset_bug(ANEW, r"train_data has 60 samples in the first epoch and 0 in the second")
def stream_that_is_used_up():
    return streams(Begun(0, 60), Stream(60, 40))


@made_dataset_bug(ANEW, r"test_data is empty")
def stream_of_nothing():
    return streams(Stream(0, 60), Stream(60, 0))


class Unshared(Stream):
    def __iter__(self):
        return map(digit, self.indices())


@made_dataset_bug(
    SHARED,
    r"two workers deliver 120 samples, one process 60.*get_worker_info",
    source="documentation of torch.utils.data.IterableDataset",
)
def every_worker_delivers_all():
    return streams(Unshared(0, 60), Stream(60, 40))


class SharedWithoutTheRest(Stream):
    def __iter__(self):
        worker = get_worker_info()
        indices = self.indices()
        if worker is not None:
            each = len(indices) // worker.num_workers
            indices = indices[worker.id * each : (worker.id + 1) * each]
        return map(digit, indices)


@made_dataset_bug(SHARED, r"train_data: two workers deliver 60 samples, one process 61")
def rest_of_a_division_lost():
    return streams(SharedWithoutTheRest(0, 61), Stream(61, 40))


class HalvesOverlap(Stream):
    def __iter__(self):
        worker = get_worker_info()
        indices = self.indices()
        return map(digit, indices[: len(indices) // 2] if worker is not None else indices)


@made_dataset_bug(SHARED, r"train_data: 30 of 60 samples .*some come twice, others never")
def every_worker_has_the_first_half():
    return streams(HalvesOverlap(0, 60), Stream(60, 40))


class EndlessWithASeed(IterableDataset):
    def __iter__(self):
        generator = torch.Generator().manual_seed(0)
        for _ in itertools.count():
            yield torch.rand(1, 32, 32, generator=generator) * 2 - 1, 0


@made_dataset_bug(SHARED, r"\d+ of \d+ samples of one worker are those of the other")
def endless_stream_with_one_seed():
    return streams(EndlessWithASeed(), Stream(60, 40), max_samples=100)


class ShuffledAlike(Stream):
    def indices(self):
        indices = super().indices()
        random.Random(0).shuffle(indices)
        return indices


@made_dataset_bug(ORDER, r"the same order in two epochs in the main process.*starts again")
def shuffled_alike_in_each_epoch():
    return streams(ShuffledAlike(0, 60), Stream(60, 40), shuffled_splits=("train_data",))


class EpochIgnored(ShuffledAlike):
    def set_epoch(self, epoch):
        self.epoch = epoch


@made_dataset_bug(
    ORDER, r"the same order in two epochs in the main process.*that set_epoch was given"
)
def number_of_the_epoch_ignored():
    return streams(EpochIgnored(0, 60), Stream(60, 40), shuffled_splits=("train_data",))


class ShuffledByACopy(Stream):
    """Its generator goes on in the main process; each new worker has a copy as it was."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.random = random.Random(0)

    def indices(self):
        indices = super().indices()
        self.random.shuffle(indices)
        return indices


@made_dataset_bug(ORDER, r"the same order in two epochs in a worker.*which each new worker copies")
def shuffled_alike_in_each_worker():
    return streams(ShuffledByACopy(0, 60), Stream(60, 40))


class NothingInWorkers(Stream):
    """Workers are counted from 1."""

    def __iter__(self):
        worker = get_worker_info()
        part = slice(worker.id + 1, None, worker.num_workers) if worker else slice(None)
        return map(digit, self.indices()[part])


@made_dataset_bug(WORKERS, r"one worker delivers 59 samples, the stream itself has 60")
def workers_counted_from_one():
    return streams(NothingInWorkers(0, 60), Stream(60, 40))


class BoundToItsProcess(Stream):
    def __iter__(self):
        if get_worker_info() is not None:
            raise RuntimeError("the connection belongs to another process")
        return map(digit, self.indices())


@made_dataset_bug(WORKERS, r"a DataLoader with 1 workers raised RuntimeError.*another process")
def stream_bound_to_its_process():
    return streams(BoundToItsProcess(0, 60), Stream(60, 40))
