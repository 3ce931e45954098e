"""Training in several processes, each with a replica of the model and a share of every batch.

    torchrun --nproc-per-node=2 -m <package>.run --sample

torchrun starts the processes and tells them by environment variables which is which. In a single
process nothing here does anything.
"""

import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader, Dataset, Sampler, Subset


def world_size() -> int:
    """The number of processes."""
    return dist.get_world_size() if dist.is_available() and dist.is_initialized() else 1


def rank() -> int:
    """The number of this process; 0 logs, draws and saves."""
    return dist.get_rank() if world_size() > 1 else 0


def started_by_torchrun() -> bool:
    return int(os.environ.get("WORLD_SIZE", "1")) > 1


@contextmanager
def process_group(device: str) -> Iterator[torch.device]:
    """Joins the processes that torchrun has started, if any; gives the device of this one.

    Raises ValueError where this machine has fewer GPUs than processes.
    """
    if not started_by_torchrun():
        yield torch.device(device)
        return
    own = own_device(device, int(os.environ["LOCAL_RANK"]))
    dist.init_process_group("nccl" if own.type == "cuda" else "gloo")
    try:
        yield own
        dist.barrier()  # one that leaves while another still works may break its connections
    finally:
        dist.destroy_process_group()


def own_device(device: str, local_rank: int) -> torch.device:
    if device != "cuda":
        return torch.device(device)
    if local_rank >= torch.cuda.device_count():
        raise ValueError(
            f"process {local_rank} of this machine has no GPU of its own: there are "
            f"{torch.cuda.device_count()}. Give torchrun no larger --nproc-per-node."
        )
    torch.cuda.set_device(local_rank)
    return torch.device("cuda", local_rank)


def replicated(model: nn.Module, function: Callable) -> Callable:
    """A function of the model whose gradients are averaged over all processes.

    The model itself stays as it is: its state dict has the same names with one and many processes.
    """
    if world_size() == 1:
        return function
    return DistributedDataParallel(Replica(model, function))


class Replica(nn.Module):
    """Makes a module of a function of a model, because that is what can be replicated."""

    def __init__(self, model: nn.Module, function: Callable):
        super().__init__()
        self.model = model
        self.function = function

    def forward(self, *inputs):
        return self.function(*inputs)


def training_loader(dataset, batch_size: int) -> DataLoader:
    """Shuffled batches; in several processes, the share of each batch that falls to this one."""
    if world_size() == 1:
        return DataLoader(dataset, batch_size, shuffle=True)
    return DataLoader(dataset, batch_sampler=SharedBatches(len(dataset), batch_size))


class SharedBatches(Sampler):
    """The shares of one process: every world_size-th sample of each batch, from its rank on.

    Every epoch has a new order, the same in all processes. No sample is used twice. A last batch
    too small for two samples a process is joined to the one before.
    """

    def __init__(self, size: int, batch_size: int):
        if min(size, batch_size) < 2 * world_size():
            raise ValueError(
                f"{world_size()} processes need batches of at least {2 * world_size()} samples; "
                f"there are {size} samples in batches of {batch_size}."
            )
        self.size = size
        self.batch_size = batch_size

    def __len__(self) -> int:
        return len(self.batches(torch.arange(self.size)))

    def __iter__(self) -> Iterator[list[int]]:
        # Drawn as a DataLoader draws the seed of its order, and the same for all processes.
        seed = torch.empty((), dtype=torch.int64).random_().item()
        generator = torch.Generator().manual_seed(from_first(seed))
        for batch in self.batches(torch.randperm(self.size, generator=generator)):
            yield batch[rank() :: world_size()].tolist()

    def batches(self, order: Tensor) -> list[Tensor]:
        batches = list(order.split(self.batch_size))
        if len(batches[-1]) < 2 * world_size():
            batches[-2:] = [torch.cat(batches[-2:])]
        return batches


def share_of(dataset) -> Dataset:
    """The samples that this process evaluates; all processes together have each of them once."""
    if world_size() == 1:
        return dataset
    return Subset(dataset, range(rank(), len(dataset), world_size()))


def summed(value: Tensor) -> Tensor:
    """The sum of a tensor over all processes."""
    if world_size() > 1:
        value = value.clone()
        dist.all_reduce(value)
    return value


def summed_number(value: float, device: torch.device) -> float:
    """The sum of a number over all processes, which exchange it on a device."""
    if world_size() > 1:
        value = summed(torch.tensor(float(value), dtype=torch.float32, device=device)).item()
    return value


def gathered(value) -> list:
    """An object of every process, in all of them."""
    values = [value]
    if world_size() > 1:
        values = [None] * world_size()
        dist.all_gather_object(values, value)
    return values


def from_first(value):
    """An object of the first process, in all of them."""
    values = [value]
    if world_size() > 1:
        dist.broadcast_object_list(values)
    return values[0]


@contextmanager
def first_process_first() -> Iterator[None]:
    """The first process is through with what is within before the others begin."""
    if rank() != 0:
        dist.barrier()
    yield
    if rank() == 0 and world_size() > 1:
        dist.barrier()


def share_buffers(model: nn.Module) -> None:
    """Gives all processes the buffers of the first, among them the statistics of BatchNorm.

    They have the same already in every training step; after it, each has followed its own share.
    """
    if world_size() > 1:
        for buffer in model.buffers():
            dist.broadcast(buffer, src=0)


def draw_own_random_numbers() -> None:
    """Seeds all processes but the first anew: each has noise and augmentation of its own."""
    if rank() > 0:
        seed = torch.initial_seed() + rank()
        torch.manual_seed(seed)
        random.seed(seed)


class Silent:
    """Stands for the log in all processes but the first: takes every call and does nothing."""

    def __getattr__(self, name: str) -> Callable:
        return lambda *arguments, **named: None
