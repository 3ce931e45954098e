"""The state of the random generators: kept, restored, and fixed for a while."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

import torch

# Devices whose random numbers are drawn by the generator of the CPU, or not at all.
WITHOUT_GENERATOR = {"cpu", "meta"}


def random_state(device: torch.device) -> dict:
    """The state of every generator that a run on `device` draws from."""
    state = {"python": random.getstate(), "cpu": torch.get_rng_state()}
    if device.type not in WITHOUT_GENERATOR:
        generators = torch.get_device_module(device)
        state[device.type] = generators.get_rng_state(*numbered(device))
    return state


def set_random_state(state: dict, device: torch.device) -> None:
    """Restores what random_state returned. On a device that it does not hold, nothing changes."""
    random.setstate(state["python"])
    torch.set_rng_state(state["cpu"])
    if device.type in state.keys() - WITHOUT_GENERATOR:
        generators = torch.get_device_module(device)
        generators.set_rng_state(state[device.type], *numbered(device))


def numbered(device: torch.device) -> list[torch.device]:
    """The device, where there can be several of its kind: there is but one MPS device."""
    return [] if device.type == "mps" else [device]


@contextmanager
def fixed_noise(device: torch.device) -> Iterator[None]:
    """The same random numbers each time; afterwards the generators are where they were."""
    state = random_state(device)
    if device.type in WITHOUT_GENERATOR:
        torch.default_generator.manual_seed(0)  # torch.manual_seed takes a millisecond
    else:
        torch.manual_seed(0)
    try:
        yield
    finally:
        set_random_state(state, device)
