"""Checkpoints: files that hold all a run needs to go on as if it had never been interrupted."""

import os
from pathlib import Path

import torch

from .distributed import gathered, rank
from .randomness import random_state, set_random_state


def save_checkpoint(trainer, path: Path) -> None:
    """Writes the state dicts of a trainer's parts, its counters and all random states.

    Raises OSError where it cannot be written; a checkpoint that is there already stays whole.
    """
    states = {"now": random_state(trainer.device)}
    if trainer.batch > 0:
        states["start_of_epoch"] = trainer.random_state_of_epoch
    checkpoint = {
        "model": trainer.model.state_dict(),
        "optimizer": trainer.optimizer.state_dict(),
        "scheduler": trainer.scheduler and trainer.scheduler.state_dict(),
        "scaler": trainer.engine.scaler.state_dict(),
        "epoch": trainer.epoch,
        "step": trainer.step,
        "batch": trainer.batch,
        "random_states": gathered(states),  # of every process
    }
    if rank() == 0:
        write_checkpoint(checkpoint, path)


def load_checkpoint(trainer, path: Path) -> None:
    """Puts a trainer of the same parts where another one was when it wrote the checkpoint.

    Raises OSError where it cannot be read, and ValueError where it does not fit.
    """
    checkpoint = read_checkpoint(path)
    try:
        trainer.model.load_state_dict(checkpoint["model"])
        trainer.optimizer.load_state_dict(checkpoint["optimizer"])
        if trainer.scheduler is not None:
            trainer.scheduler.load_state_dict(checkpoint["scheduler"])
        trainer.engine.scaler.load_state_dict(checkpoint["scaler"])
        trainer.epoch = checkpoint["epoch"]
        trainer.step = checkpoint["step"]
        trainer.batch = checkpoint["batch"]
        load_random_states(trainer, checkpoint["random_states"])
    except (AttributeError, KeyError, RuntimeError, TypeError, ValueError) as error:
        raise ValueError(
            f"{path} does not fit: was it written with another model, optimizer or scheduler?"
        ) from error


def load_random_states(trainer, states: list[dict]) -> None:
    """Each process goes on with its own; one that was not there before, with a new one."""
    if rank() < len(states):
        own = states[rank()]
    else:
        torch.manual_seed(torch.initial_seed() + trainer.step)
        own = {"now": random_state(trainer.device), "start_of_epoch": random_state(trainer.device)}
    set_random_state(own["now"], trainer.device)
    trainer.random_state_of_epoch = own.get("start_of_epoch")


def write_checkpoint(checkpoint: dict, path: Path) -> None:
    """Replaces the file at `path`, which stays whole if the process is killed or the disk full.

    Raises OSError where it cannot be written.
    """
    temporary = path.with_name(path.name + ".tmp")
    try:
        with temporary.open("wb") as file:
            torch.save(checkpoint, file)
            file.flush()
            os.fsync(file.fileno())  # on the disk, before the old file goes
        os.replace(temporary, path)
    except (OSError, RuntimeError) as error:  # torch's writer hides the OSError of the file
        temporary.unlink(missing_ok=True)
        cause = error if isinstance(error, OSError) else error.__context__ or error
        reason = getattr(cause, "strerror", None) or str(cause).splitlines()[0]
        raise OSError(f"{path} could not be written: {reason}") from error


def read_checkpoint(path: Path) -> dict:
    """A checkpoint, with its tensors on the CPU. The file is left as it is.

    Raises OSError where it cannot be read, and ValueError where it is not a whole checkpoint.
    """
    try:
        checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    except OSError:
        raise
    except Exception as error:  # of zipfile, pickle or torch, depending on what is broken
        raise ValueError(f"{path} is cut off, or no checkpoint of a training run.") from error
    if not isinstance(checkpoint, dict):
        raise ValueError(f"{path} is no checkpoint of a training run.")
    return checkpoint
