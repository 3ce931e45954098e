"""How a run goes on from a file as if it had never been interrupted."""

import copy
from pathlib import Path
from typing import Any

import torch
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from .checkpoint import count_in, read_checkpoint, write_checkpoint
from .distributed import all_gather_objects, on_main_process, rank
from .randomness import random_state, seed_everything, set_random_state


class Resumable:
    """Saves and loads the state of its parts, which a subclass names, and its counters."""

    counters: tuple[str, ...] = ("epoch", "step")  # attributes that are whole numbers
    description: dict | None = None  # how to repeat the run; a checkpoint has it, for its reader

    def parts_with_state(self) -> dict[str, Any]:
        """Everything with a state_dict and a load_state_dict, in the order of loading."""
        raise NotImplementedError

    def attributes(self, kind: type) -> dict[str, Any]:
        """Those of a kind, by name: whoever has two optimizers need not list them to save both."""
        return {name: value for name, value in vars(self).items() if isinstance(value, kind)}

    def state_dict(self) -> dict:
        states = {name: part.state_dict() for name, part in self.parts_with_state().items()}
        counts = {name: getattr(self, name) for name in self.counters}
        return {**states, **counts, "description": self.description}

    def load_state_dict(self, state: dict) -> None:
        """Takes over a state, or raises ValueError where it does not fit and stays as it was."""
        parts = self.parts_with_state()
        check_names(state, [*parts, *self.counters])
        counts = {name: count_in(state, name) for name in self.counters}
        # The random states come last: nothing of theirs has been loaded where something fails.
        before = {name: copy.deepcopy(parts[name].state_dict()) for name in [*parts][:-1]}
        try:
            for name, part in parts.items():
                load_part(part, state[name])
        except Exception as error:  # a part may raise anything about a state that is not its own
            for loaded, own in before.items():
                parts[loaded].load_state_dict(own)
            raise ValueError(f"its {name}: {first_reason(error)}") from error
        for name, count in counts.items():
            setattr(self, name, count)

    def save(self, path: Path) -> None:
        """Writes all that a run needs to go on. Every process calls it; the main one writes.

        Raises OSError where the file cannot be written; one that is there already stays whole.
        """
        state = self.state_dict()
        on_main_process(lambda: write_checkpoint(state, path))

    def load(self, path: Path) -> None:
        """Goes on where a checkpoint was written.

        Raises OSError where it cannot be read, and ValueError where it does not fit; all is then
        as it was before.
        """
        state = read_checkpoint(path)
        try:
            self.load_state_dict(state)
        except ValueError as error:
            raise ValueError(f"{path} does not fit: {error}") from error


def check_names(state: dict, expected: list[str]) -> None:
    """Raises ValueError unless a checkpoint has what this trainer has, and nothing else."""
    for name in expected:
        if name not in state:
            raise ValueError(f"it has no {name}, but this trainer has.")
    for name in state.keys() - {*expected, "description"}:
        raise ValueError(f"it has {name!r}, but this trainer has not.")


def load_part(part: Any, state: Any) -> None:
    """Loads the state of a part; raises ValueError where it is that of another kind.

    torch takes over the settings of another optimizer or scheduler, and fails at the next step.
    """
    if isinstance(part, LRScheduler) and public_names(part.state_dict()) != public_names(state):
        raise ValueError("it is of another kind.")
    needed = settings_of_groups(part)
    part.load_state_dict(state)
    for before, after in zip(needed, settings_of_groups(part), strict=True):
        if before - after:
            raise ValueError(f"it has no {', '.join(sorted(before - after))}.")


def public_names(state: dict) -> set[str]:
    """torch changes the others from version to version."""
    return {name for name in state if not name.startswith("_")}


def settings_of_groups(part: Any) -> list[set[str]]:
    """The names of the settings of every parameter group, of an optimizer."""
    return [set(group) for group in getattr(part, "param_groups", [])]


def first_reason(error: Exception) -> str:
    """The first thing that is wrong: torch lists all layers of a model, one a line."""
    text = str(error) if isinstance(error, RuntimeError | ValueError) else repr(error)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[1] if len(lines) > 1 and lines[0].endswith(":") else (lines or [repr(error)])[0]


def change_learning_rate(trainer: Resumable, learning_rate: float) -> str | None:
    """Goes on with a schedule as if it had begun at another learning rate; says so, if it is one.

    For schedulers that multiply the learning rate they begin with, as nearly all do.
    """
    optimizers = trainer.attributes(Optimizer).values()
    groups = [group for optimizer in optimizers for group in optimizer.param_groups]
    began = [group.get("initial_lr", group["lr"]) for group in groups]
    if began == [learning_rate] * len(groups):
        return None
    for group, before in zip(groups, began, strict=True):
        group["lr"] = group["lr"] / before * learning_rate
    for scheduler in trainer.attributes(LRScheduler).values():
        for group in scheduler.optimizer.param_groups:
            group["initial_lr"] = learning_rate
        scheduler.base_lrs = [learning_rate] * len(scheduler.base_lrs)
    now = groups[0]["lr"]
    return f"The learning rate begins with {learning_rate:g}, not {began[0]:g}: it is now {now:g}."


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
