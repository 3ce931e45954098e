"""How a run goes on from a file as if it had never been interrupted."""

from pathlib import Path
from typing import Any

import torch

from .checkpoint import read_checkpoint, write_checkpoint
from .distributed import all_gather_objects, is_main_process, rank
from .randomness import random_state, seed_everything, set_random_state


class Resumable:
    """Saves and loads the state of its parts, which a subclass names, and its counters."""

    counters: tuple[str, ...] = ("epoch", "step")  # attributes that are whole numbers

    def parts_with_state(self) -> dict[str, Any]:
        """Everything with a state_dict and a load_state_dict, in the order of loading."""
        raise NotImplementedError

    def state_dict(self) -> dict:
        states = {name: part.state_dict() for name, part in self.parts_with_state().items()}
        return {**states, **{name: getattr(self, name) for name in self.counters}}

    def load_state_dict(self, state: dict) -> None:
        for name, part in self.parts_with_state().items():
            part.load_state_dict(state[name])
        for name in self.counters:
            setattr(self, name, state[name])

    def save(self, path: Path) -> None:
        """Writes all that a run needs to go on. Every process calls it; the main one writes.

        Raises OSError where the file cannot be written; one that is there already stays whole.
        """
        state = self.state_dict()
        if is_main_process():
            write_checkpoint(state, path)

    def load(self, path: Path) -> None:
        """Goes on where a checkpoint was written.

        Raises OSError where it cannot be read, and ValueError where it does not fit.
        """
        state = read_checkpoint(path)
        try:
            self.load_state_dict(state)
        except (AttributeError, KeyError, RuntimeError, TypeError, ValueError) as error:
            raise ValueError(
                f"{path} does not fit: was it written with another model, optimizer or scheduler?"
            ) from error


class RandomStates:
    """The state of the generators of every process, as a part of a checkpoint."""

    def __init__(self, device: torch.device):
        self.device = device

    def state_dict(self) -> dict:
        return {"processes": all_gather_objects(random_state(self.device))}

    def load_state_dict(self, state: dict) -> None:
        """Each process goes on with its own; one that was not there before, with a new one."""
        states = state["processes"]
        if rank() < len(states):
            set_random_state(states[rank()], self.device)
        else:
            set_random_state(states[0], self.device)
            seed_everything(int(torch.empty((), dtype=torch.int64).random_()) + rank())
