"""The state of the random generators: seeded, kept, restored, and fixed for a while."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch

# Devices whose random numbers are drawn by the generator of the CPU, or not at all.
WITHOUT_GENERATOR = {"cpu", "meta"}


def seed_everything(seed: int) -> None:
    """Seeds Python's, NumPy's and torch's generators, on every device."""
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.manual_seed(seed)


def random_state(device: torch.device) -> dict:
    """The state of every generator that a run on `device` draws from, as plain data."""
    version, words, normal = random.getstate()
    kind, array, *rest = tuple(np.random.get_state())
    # As tensors: a checkpoint holds no arrays, and is slow to read with thousands of numbers.
    state = {
        "python": (version, torch.tensor(words), normal),
        "numpy": (kind, torch.from_numpy(np.asarray(array, np.int64)), *rest),
        "cpu": torch.get_rng_state(),
    }
    if device.type not in WITHOUT_GENERATOR:
        generators = torch.get_device_module(device)
        state[device.type] = generators.get_rng_state(*numbered(device))
    return state


def set_random_state(state: dict, device: torch.device) -> None:
    """Restores what random_state returned. On a device that it does not hold, nothing changes."""
    version, words, normal = state["python"]
    kind, array, *rest = state["numpy"]
    random.setstate((version, tuple(words.tolist()), normal))
    np.random.set_state((kind, np.asarray(array), *rest))
    torch.set_rng_state(state["cpu"])
    if device.type in state.keys() - WITHOUT_GENERATOR:
        generators = torch.get_device_module(device)
        generators.set_rng_state(state[device.type], *numbered(device))


def numbered(device: torch.device) -> list[torch.device]:
    """The device, where there can be several of its kind: there is but one MPS device."""
    return [] if device.type == "mps" else [device]


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """The same random numbers on the CPU each time; afterwards, the generators go on as before.

    For what reads data: torch.manual_seed would take a millisecond, for the sake of accelerators.
    """
    python, numpy, cpu = random.getstate(), np.random.get_state(), torch.get_rng_state()
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.default_generator.manual_seed(seed)
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)
        torch.set_rng_state(cpu)


@contextmanager
def fixed_noise(device: torch.device) -> Iterator[None]:
    """The same random numbers each time, on a device too; afterwards all is where it was."""
    state = random_state(device)
    try:
        with seeded(0):
            if device.type not in WITHOUT_GENERATOR:
                torch.manual_seed(0)
            yield
    finally:
        set_random_state(state, device)
