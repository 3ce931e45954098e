"""Training in several processes, each with a replica of the model and a share of every batch.

    torchrun --nproc-per-node=2 -m <package>.run --sample

torchrun starts the processes and tells them by environment variables which is which. In a single
process nothing here does anything.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.utils.data import Dataset, Subset

from .randomness import seed_everything


def world_size() -> int:
    """The number of processes."""
    return dist.get_world_size() if dist.is_available() and dist.is_initialized() else 1


def rank() -> int:
    """The number of this process, from 0 on."""
    return dist.get_rank() if world_size() > 1 else 0


def is_main_process() -> bool:
    """Whether this process logs, draws and saves."""
    return rank() == 0


def started_by_torchrun() -> bool:
    return int(os.environ.get("WORLD_SIZE", "1")) > 1


def speaks() -> bool:
    """Whether this process says what concerns all of them, also before they have joined."""
    return not started_by_torchrun() or os.environ["RANK"] == "0"


def say(text: str) -> None:
    """Prints a line, of several processes in one."""
    if speaks():
        print(text, flush=True)


@contextmanager
def process_group(device: str) -> Iterator[torch.device]:
    """Joins the processes that torchrun has started, if any; gives the device of this one.

    Raises ValueError where this machine has fewer GPUs than processes, and ConnectionError where
    another process has ended before its time.
    """
    if not started_by_torchrun():
        yield torch.device(device)
        return
    own = own_device(device, int(os.environ["LOCAL_RANK"]))
    dist.init_process_group("nccl" if own.type == "cuda" else "gloo")
    try:
        yield own
        dist.barrier()  # one that leaves while another still works may break its connections
    except RuntimeError as error:
        if not is_lost_connection(error):
            raise
        raise ConnectionError("another process of this run has ended") from error
    finally:
        dist.destroy_process_group()


def is_lost_connection(error: RuntimeError) -> bool:
    """Whether it is from torch.distributed; gloo has no kind of error of its own."""
    return isinstance(error, dist.DistError) or "gloo" in str(error)


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


def share_of(dataset) -> Dataset:
    """The samples that this process evaluates; all processes together have each of them once."""
    if world_size() == 1:
        return dataset
    return Subset(dataset, range(rank(), len(dataset), world_size()))


def all_reduce_sum(value: Tensor) -> Tensor:
    """The sum of a tensor over all processes."""
    if world_size() > 1:
        value = value.clone()
        dist.all_reduce(value)
    return value


def all_reduce_number(value: float, device: torch.device) -> float:
    """The sum of a number over all processes, which exchange it on a device."""
    if world_size() == 1:
        return value
    return all_reduce_sum(torch.tensor(float(value), dtype=torch.float64, device=device)).item()


def all_reduce_gradients(optimizer: torch.optim.Optimizer) -> None:
    """Gives the parameters of an optimizer the sum of their gradients over all processes.

    Each process has computed its share of the loss of a batch, so the sum is the gradient of the
    batch. All gradients travel as one tensor, with a flag for each that is there: a parameter that
    no process has used keeps no gradient, as in a single one.
    """
    if world_size() == 1:
        return
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    gradients = [torch.zeros_like(p) if p.grad is None else p.grad for p in parameters]
    flags = gradients[0].new_tensor([p.grad is not None for p in parameters])
    joined = all_reduce_sum(torch.cat([flags, *(g.flatten() for g in gradients)]))
    used, joined = joined[: len(flags)].tolist(), joined[len(flags) :]
    sums = joined.split([p.numel() for p in parameters])
    for parameter, flag, gradient in zip(parameters, used, sums, strict=True):
        if flag:
            parameter.grad = gradient.view_as(parameter).to(parameter)


def all_gather_objects(value) -> list:
    """An object of every process, in all of them."""
    values = [value]
    if world_size() > 1:
        values = [None] * world_size()
        dist.all_gather_object(values, value)
    return values


def broadcast_object(value):
    """An object of the main process, in all of them."""
    values = [value]
    if world_size() > 1:
        dist.broadcast_object_list(values)
    return values[0]


def on_main_process(action: Callable[[], object]) -> None:
    """Has the main process do something; the others wait. An error there is one in all of them.

    Otherwise the others would wait for a process that has ended. Of errors, OSError and ValueError.
    """
    error = None
    if is_main_process():
        try:
            action()
        except (OSError, ValueError) as caught:
            error = caught
    error = broadcast_object(error)
    if error is not None:
        raise error


def prepare_replica(model: nn.Module) -> None:
    """All processes begin with the model of the main one, and with random numbers of their own.

    Otherwise all would draw the same noise.
    """
    if world_size() > 1:
        for tensor in [*model.parameters(), *model.buffers()]:
            dist.broadcast(tensor.detach(), src=0)
    if not is_main_process():
        seed_everything(torch.initial_seed() + rank())


def broadcast_buffers(model: nn.Module) -> None:
    """Gives all processes the buffers of the main one, among them the statistics of BatchNorm.

    In training each process follows its own share of the samples.
    """
    if world_size() > 1:
        for buffer in model.buffers():
            dist.broadcast(buffer, src=0)


@contextmanager
def main_process_first() -> Iterator[None]:
    """The main process is through with what is within before the others begin."""
    if not is_main_process():
        dist.barrier()
    yield
    if is_main_process() and world_size() > 1:
        dist.barrier()


class Silent:
    """Stands for the log in all processes but the main one: takes every call and does nothing."""

    def __getattr__(self, name: str) -> Callable:
        return lambda *arguments, **named: None
