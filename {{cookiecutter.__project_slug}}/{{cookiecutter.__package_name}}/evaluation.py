"""What is measured and drawn after an epoch, of any model and of a variational autoencoder."""

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
    broadcast_buffers(model)  # in training, each process has followed its own samples
    total = weights = 0.0
    with evaluating(model):
        for batch in loader:
            batch, weight = to_device(batch, device), weight_of(batch)
            total += mean(batch).item() * weight
            weights += weight
    return all_reduce_number(total, device) / all_reduce_number(weights, device)


def first_inputs(dataset, n: int) -> Tensor:
    """The inputs of the first n samples (n, ...); raises ValueError where there are fewer."""
    if not 0 <= n <= len(dataset):
        raise ValueError(f"n is {n}, but there are {len(dataset)} test images.")
    return torch.stack([dataset[i][0] for i in range(n)]) if n else torch.empty(0)


def prior_codes(mu: Tensor, n: int) -> Tensor:
    """n latent codes from the prior N(0, 1), of the shape and on the device of a batch of means.

    They are the same at every call, so that pictures of different epochs compare.
    """
    generator = torch.Generator().manual_seed(0)
    return torch.randn(n, *mu.shape[1:], generator=generator).to(mu)
