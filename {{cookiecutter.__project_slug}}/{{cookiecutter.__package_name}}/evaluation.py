"""What is measured after an epoch: means over a split, in evaluation mode."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from .batches import to_device
from .distributed import all_reduce_number, broadcast_buffers


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Evaluation mode without gradients; afterwards every submodule is in its own mode again."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for module, training in modes:
            module.training = training


def mean_over(
    loader: DataLoader,
    mean: Callable[[Any], Tensor],
    weight_of: Callable[[Any], float],
    model: nn.Module,
    device: torch.device,
) -> float:
    """The mean over all batches, of all processes, of a quantity with that mean in one batch.

    Each batch counts by its weight, so that the size of the batches does not matter.
    """
    return means_over(loader, lambda batch: {"": mean(batch)}, weight_of, model, device)[""]


def means_over(
    loader: DataLoader,
    means: Callable[[Any], dict[str, Tensor]],
    weight_of: Callable[[Any], float],
    model: nn.Module,
    device: torch.device,
) -> dict[str, float]:
    """The same, of several quantities by name."""
    broadcast_buffers(model)  # in training, each process has followed its own samples
    totals: dict[str, float] = {}
    weights = 0.0
    with evaluating(model):
        for batch in loader:
            batch, weight = to_device(batch, device), weight_of(batch)
            for name, mean in means(batch).items():
                totals[name] = totals.get(name, 0.0) + mean.item() * weight
            weights += weight
    weights = all_reduce_number(weights, device)
    return {name: all_reduce_number(total, device) / weights for name, total in totals.items()}
