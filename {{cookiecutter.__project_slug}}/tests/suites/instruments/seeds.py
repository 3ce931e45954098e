# SPDX-License-Identifier: MIT
"""Random numbers that are the same each time, and leave no trace."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch

from .devices import accelerators

# Added to every seed: a setUp that seeds has most likely taken a small number, and the data that it
# drew would come out again as noise.
OFFSET = 735_219


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seeds torch's global generators and restores them (on the CPU and CUDA) afterwards."""
    seed += OFFSET
    if not accelerators():
        with torch.random.fork_rng([]):
            # torch.manual_seed would note the seed for accelerators as well: a millisecond a call.
            torch.default_generator.manual_seed(seed)
            yield
        return
    with torch.random.fork_rng(range(torch.cuda.device_count())):
        torch.manual_seed(seed)
        yield


@contextmanager
def all_seeded(seed: int) -> Iterator[None]:
    """Seeds the generators of Python and NumPy as well as torch's, and restores them."""
    state, numpy_state = random.getstate(), np.random.get_state()
    try:
        with seeded(seed):
            set_seeds(seed)
            yield
    finally:
        random.setstate(state)
        np.random.set_state(numpy_state)


def set_seeds(seed: int):
    """Seeds torch's generator, and those of Python and NumPy; the caller restores them."""
    random.seed(seed + OFFSET)
    np.random.seed(seed + OFFSET)
    torch.default_generator.manual_seed(seed + OFFSET)
