"""How samples become batches: in which order, in which processes, and from where to go on."""

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from .checkpoint import count_in
from .distributed import broadcast_object, rank, share_of, world_size
from .randomness import seeded

# From Ctrl-C, from kill or a scheduler of jobs, and from a terminal that is closed.
SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


class TrainingLoader:
    """Batches of a map-style dataset in a new order each epoch; it knows its place in the epoch.

    One random number decides on an epoch: the order of its samples and, batch by batch, what the
    dataset draws when it is read. So the number of workers makes no difference to a run, and an
    interrupted epoch goes on with its next batch, without the earlier ones being read again.

    In several processes, each has its share of every batch. order: what gives the indices of an
    epoch's samples, given a generator; by default each index once, shuffled.
    """

    def __init__(
        self,
        dataset,
        batch_size: int,
        device: torch.device,
        workers: int = 0,
        order: Callable[[torch.Generator], Tensor] | None = None,
    ):
        order = order or partial(shuffled, len(dataset))
        self.batches = SeededBatches(order, batch_size)
        self.loader = DataLoader(
            SeededReads(dataset), batch_sampler=self.batches, **speed(device, workers)
        )
        self.seed: int | None = None  # of the present epoch, if it has begun
        self.position = 0  # batches of the present epoch that are done: whoever uses them counts

    def __len__(self) -> int:
        return len(self.batches)

    def __iter__(self) -> Iterator:
        """The batches of an epoch; of one that was interrupted, those that are left."""
        if self.seed is None:
            # Drawn as a DataLoader draws its seed. All processes have the order of the first.
            self.seed = broadcast_object(int(torch.empty((), dtype=torch.int64).random_()))
        self.batches.seed, self.batches.start = self.seed, self.position
        yield from self.loader
        self.seed, self.position = None, 0

    def state_dict(self) -> dict:
        return {"seed": self.seed, "position": self.position}

    def load_state_dict(self, state: dict) -> None:
        """Raises ValueError where the state is not that of a loader of as many batches."""
        position = count_in(state, "position")
        if position > len(self) + 1:  # in more processes, the last two batches may be one
            raise ValueError(f"its position is {position}, but an epoch has {len(self)} batches.")
        self.seed = None if state["seed"] is None else count_in(state, "seed")
        self.position = position


class SeededBatches(Sampler):
    """The batches of an epoch as lists of (seed of the batch, index of the sample).

    In several processes, every world_size-th sample of each batch, from the rank on. No sample is
    used twice. A last batch too small for two samples a process is joined to the one before.
    """

    seed = 0  # of the epoch
    start = 0  # the first batch that is wanted

    def __init__(self, order: Callable[[torch.Generator], Tensor], batch_size: int):
        self.order = order
        self.batch_size = batch_size
        self.size = size = len(order(torch.Generator()))
        smallest = 2 * world_size()
        if world_size() > 1 and min(size, batch_size) < smallest:
            raise ValueError(
                f"{world_size()} processes need batches of at least {smallest} samples; there are "
                f"{size} samples in batches of {batch_size}."
            )

    def __len__(self) -> int:
        return len(self.split(torch.arange(self.size)))

    def __iter__(self) -> Iterator[list[tuple[int, int]]]:
        batches = self.split(self.order(torch.Generator().manual_seed(self.seed)))
        for number, batch in enumerate(batches[self.start :], self.start):
            seed = (self.seed + 1 + number * world_size() + rank()) % 2**63
            yield [(seed, index) for index in batch[rank() :: world_size()].tolist()]

    def split(self, order: Tensor) -> list[Tensor]:
        batches = list(order.split(self.batch_size))
        if world_size() > 1 and len(batches[-1]) < 2 * world_size():
            batches[-2:] = [torch.cat(batches[-2:])]
        return batches


def shuffled(size: int, generator: torch.Generator) -> Tensor:
    """Each index once, in a new order."""
    return torch.randperm(size, generator=generator)


class SeededReads(Dataset):
    """A dataset whose random numbers, of a batch, are those of the seed that comes with it."""

    def __init__(self, dataset):
        self.dataset = dataset

    def __getitems__(self, keys: Sequence[tuple[int, int]]) -> list:
        with seeded(keys[0][0]):
            indices = [index for _, index in keys]
            if hasattr(self.dataset, "__getitems__"):  # a whole batch at once
                return self.dataset.__getitems__(indices)
            return [self.dataset[index] for index in indices]


def evaluation_loader(
    dataset, batch_size: int, device: torch.device, workers: int = 0
) -> DataLoader:
    """The batches that this process evaluates, always in the same order."""
    return DataLoader(share_of(dataset), batch_size, **speed(device, workers))


def speed(device: torch.device, workers: int) -> dict:
    """The settings of a DataLoader that keep a device busy."""
    return {
        "num_workers": workers,
        "persistent_workers": workers > 0,  # starting them for every epoch takes seconds
        "prefetch_factor": 4 if workers else None,
        "worker_init_fn": leave_signals_to_the_main_process,
        "pin_memory": device.type == "cuda",  # so that transfers do not wait
        # Each time it is iterated, a DataLoader draws a seed. From a generator of its own, so that
        # evaluation leaves the global random state, and with it the training run, as it was.
        "generator": torch.Generator(),
    }


def leave_signals_to_the_main_process(worker: int) -> None:
    """Ctrl-C, or the end of a job, reaches all processes: the main one has a batch to finish.

    The first SIGTERM only: with another one, the main process ends workers at its own end.
    """
    for name in SIGNALS:
        if hasattr(signal, name):
            ends = name == "SIGTERM"
            signal.signal(getattr(signal, name), obey_the_next if ends else signal.SIG_IGN)


def obey_the_next(number: int, frame) -> None:
    signal.signal(number, signal.SIG_DFL)


def usual_workers(device: torch.device) -> int:
    """Workers that pay off: none on a CPU, from which they would take the cores of the model."""
    return 0 if device.type in ("cpu", "meta") else min(4, max(1, (os.cpu_count() or 1) // 2))
