"""Files that are written whole or not at all, and whose damage is noticed when they are read."""

import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import torch

FOLDER = 0x10  # a bit of the attributes that a ZIP archive has for each of its parts


def write_whole(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Replaces the file at `path`, which stays whole if the process is killed or the disk full.

    write: writes the new content into the file that it is given.

    Raises OSError where it cannot be written.
    """
    temporary = path.with_name(path.name + ".tmp")
    try:
        with temporary.open("wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())  # on the disk, before the old file goes
        os.replace(temporary, path)
    except (OSError, RuntimeError) as error:  # torch's writer hides the OSError of the file
        temporary.unlink(missing_ok=True)
        cause = error if isinstance(error, OSError) else error.__context__ or error
        reason = getattr(cause, "strerror", None) or str(cause).splitlines()[0]
        raise OSError(f"{path} could not be written: {reason}") from error


def write_checkpoint(state: dict, path: Path) -> None:
    """Writes a checkpoint; see write_whole."""
    write_whole(path, lambda file: torch.save(state, file))


def read_checkpoint(path: Path) -> dict:
    """A checkpoint, with its tensors on the CPU. The file is left as it is.

    Raises OSError where it cannot be opened, and ValueError where it is not a whole checkpoint.
    """
    with path.open("rb") as file:
        try:
            verify(file)
            checkpoint = torch.load(file, map_location="cpu", weights_only=True)
        except Exception as error:  # of zipfile, pickle or torch, depending on what is broken
            raise ValueError(
                f"{path} is damaged, cut off, or no checkpoint of a training run."
            ) from error
    if not isinstance(checkpoint, dict):
        raise ValueError(f"{path} is no checkpoint of a training run.")
    return checkpoint


def count_in(state: dict, name: str) -> int:
    """A whole number from 0 on; raises ValueError where a state has something else."""
    value = state[name]
    if type(value) is not int or not 0 <= value < 2**63:  # True is an int as well
        raise ValueError(f"its {name} is {str(value)[:40]}, which is no count.")
    return value


def verify(file: BinaryIO) -> None:
    """Raises zipfile.BadZipFile where a part of an archive does not have its checksum.

    torch.load does not look at the checksums: a bit that a disk has flipped would be a weight.
    """
    with zipfile.ZipFile(file) as archive:
        damaged = archive.testzip()
        for part in archive.infolist():
            # Outside the checksums: of what is marked as a folder, torch.load reads no content.
            if part.external_attr & FOLDER:
                damaged = part.filename
    if damaged is not None:
        raise zipfile.BadZipFile(f"{damaged} is damaged")
    file.seek(0)
