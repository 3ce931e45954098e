"""Files that hold all a run needs to go on: written whole or not at all, and checked when read."""

import os
from pathlib import Path

import torch


def write_checkpoint(state: dict, path: Path) -> None:
    """Replaces the file at `path`, which stays whole if the process is killed or the disk full.

    Raises OSError where it cannot be written.
    """
    temporary = path.with_name(path.name + ".tmp")
    try:
        with temporary.open("wb") as file:
            torch.save(state, file)
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
