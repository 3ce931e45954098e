"""What can be done with any batch, however its tensors are nested in tuples, lists and dicts."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor


def to_device(batch: Any, device: torch.device) -> Any:
    """The same batch with its tensors on a device. What is no tensor stays as it is.

    From pinned memory the transfer does not wait: the GPU goes on with what it has to do.
    """
    if hasattr(batch, "to"):  # a tensor, or a batch of somebody's own kind
        return batch.to(device, non_blocking=True)
    if isinstance(batch, dict):
        return {name: to_device(value, device) for name, value in batch.items()}
    if isinstance(batch, list | tuple):
        return like(batch, [to_device(value, device) for value in batch])
    return batch


def size_of(batch: Any) -> int:
    """The number of samples: the length of the first tensor."""
    for tensor in tensors_in(batch):
        return len(tensor)
    raise ValueError(f"a batch without a tensor: {type(batch).__name__}.")


def split(batch: Any, parts: int) -> list:
    """The batch in so many parts of consecutive samples, or in fewer if it has fewer samples."""
    samples = size_of(batch)
    length = -(-samples // parts)  # rounded up
    starts = range(0, samples, length)
    return [sliced(batch, slice(start, start + length), samples) for start in starts]


def sliced(batch: Any, part: slice, samples: int) -> Any:
    if isinstance(batch, Tensor):
        # A number that belongs to the whole batch is one for its parts as well.
        return batch[part] if batch.dim() and len(batch) == samples else batch
    if isinstance(batch, dict):
        return {name: sliced(value, part, samples) for name, value in batch.items()}
    if isinstance(batch, list | tuple) and next(tensors_in(batch), None) is not None:
        return like(batch, [sliced(value, part, samples) for value in batch])
    if isinstance(batch, list | tuple) and len(batch) == samples:  # a text a sample, say
        return batch[part]
    return batch


def tensors_in(batch: Any) -> Iterator[Tensor]:
    if isinstance(batch, Tensor):
        yield batch
    elif isinstance(batch, dict | list | tuple):
        for value in batch.values() if isinstance(batch, dict) else batch:
            yield from tensors_in(value)


def like(sequence: list | tuple, values: list) -> list | tuple:
    """The values in a list or tuple of the same kind; a named tuple takes them one by one."""
    kind = type(sequence)
    return kind(*values) if hasattr(sequence, "_fields") else kind(values)
