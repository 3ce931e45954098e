"""Bugs that the checks of suites/dataset/loading.py are meant for."""

import itertools

import torch
from mnist_vae.dataset import MNISTSplit
from torch.utils.data import get_worker_info

from ...made_datasets import Made, digit, made
from ...seeding import dataset_bug, made_dataset_bug
from .bases import Changed

MAIN_PROCESS = "test_loads_in_the_main_process"
WORKERS = "test_loads_in_worker_processes"


@dataset_bug(MAIN_PROCESS, r"test_data: a DataLoader with 0 workers raised IndexError", "test_data")
class OneSampleTooMany(MNISTSplit):
    def __len__(self):
        return super().__len__() + 1


@dataset_bug(MAIN_PROCESS, r"sample 0 of a DataLoader with 0 workers differs.*shared buffer")
class SharedBuffer(MNISTSplit):
    """Every image is written into one buffer: a batch holds the last image many times."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.buffer = torch.zeros(1, 32, 32)

    def __getitems__(self, indices):
        samples = super().__getitems__(indices)
        return [(self.buffer.copy_(image), label) for image, label in samples]


@dataset_bug(MAIN_PROCESS, r"test_data: .* raised RuntimeError.*same shape", "test_data")
class RaggedBatch(Changed):
    def change(self, image, index):
        return image[:, : 32 - index % 2]


@dataset_bug(MAIN_PROCESS, r"delivers \d+ batches of \d+ samples; expected \d+ of")
class BatchDropsBlankImages(MNISTSplit):
    def __getitems__(self, indices):
        return [sample for sample in super().__getitems__(indices) if sample[0].mean() > -0.8]


@dataset_bug(WORKERS, r"test_data.*with 2 workers differs from that of test_data\[", "test_data")
class ShardedTwice(MNISTSplit):
    """Takes its share of the samples in a worker, although the DataLoader shares them already."""

    def __getitems__(self, indices):
        worker = get_worker_info()
        if worker is not None:
            indices = [(i * worker.num_workers + worker.id) % len(self) for i in indices]
        return super().__getitems__(indices)


@dataset_bug(WORKERS, r"with 2 workers raised RuntimeError.*works? in another process")
class LockedToItsProcess(MNISTSplit):
    def __getitems__(self, indices):
        if get_worker_info() is not None:
            raise RuntimeError("the connection belongs to another process")
        return super().__getitems__(indices)


@dataset_bug(MAIN_PROCESS, r"the image of sample \d+ of a DataLoader.*mix up", "test_data")
class BatchInTheOrderOfTheFile(MNISTSplit):
    """Read in one go from the first to the last; the labels come as they were asked for."""

    def __getitems__(self, indices):
        samples = super().__getitems__(sorted(indices))
        labels = self.labels[indices].tolist()
        return [(image, label) for (image, _), label in zip(samples, labels, strict=True)]


@dataset_bug(MAIN_PROCESS, r"train_data: the label of sample \d+ of a DataLoader", "train_data")
class LabelOfTheFirst(MNISTSplit):
    def __getitems__(self, indices):
        first = int(self.labels[indices[0]])
        return [(image, first) for image, _ in super().__getitems__(indices)]


class OrderedByCounting(Made):
    """Counts the reads: the first index that is read is the first sample, whatever it is."""

    reads = 0

    def __getitem__(self, index):
        self.reads += 1
        return super().__getitem__((index + self.reads // 200) % self.count)


def in_lists(samples):
    return [image for image, _ in samples], [label for _, label in samples]


@made_dataset_bug(MAIN_PROCESS, r"is not what collate_fn makes of train_data\[\d+\].*counter")
def counted_reads_with_a_collate_fn():
    attributes = made(digit, (1, 32, 32), collate_fn=in_lists)
    attributes["data"].train_data = OrderedByCounting(digit, 120)
    return attributes


def rest_of_a_sample(index):
    image, label = digit(index)
    return {"image": image, "label": label, "weight": float(next(READS))}


READS = itertools.count()


@made_dataset_bug(MAIN_PROCESS, r"the rest of sample \d+ of a DataLoader with 0 workers differs")
def weights_that_change():
    return made(rest_of_a_sample, (1, 32, 32))
