"""The folder of a run: one run at a time writes to it, and what an earlier one has left is kept."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from .distributed import on_main_process, say

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

CHECKPOINT = "checkpoint.pt"
RESULTS = ("events.out.tfevents.*", "*.png", "run.json", CHECKPOINT)


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Makes a folder, and keeps it from other runs; all processes of a run together hold it.

    Raises ValueError where it cannot be written to, or where another run holds it.
    """
    with ExitStack() as stack:
        on_main_process(lambda: stack.enter_context(locked(folder)))
        yield


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    make_writable(folder)
    with (folder / "run.lock").open("ab") as file:
        try:
            lock(file)
        except (BlockingIOError, PermissionError) as error:
            raise ValueError(
                f"argument --log-dir: another run is writing to {str(folder)!r}. Wait for its end, "
                "or give this one a folder of its own."
            ) from error
        except OSError:
            pass  # a file system without locks is no reason not to train
        yield


def lock(file: IO[bytes]) -> None:
    """Locks a file until it is closed or the process ends, however it ends.

    The lock belongs to this process alone: workers that outlive it for a moment do not keep it.
    """
    if sys.platform == "win32":
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def make_writable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass  # it can be written to
    except FileExistsError as error:
        raise ValueError(f"argument --log-dir: {str(folder)!r} is not a folder") from error
    except OSError as error:
        raise ValueError(
            f"argument --log-dir: {str(folder)!r} is not usable: {error.strerror}"
        ) from error


def keep_previous_run(folder: Path) -> None:
    """Moves an earlier run with a checkpoint into a folder of its own, and says so.

    The checkpoint goes last: if this breaks off, what is left can still be resumed.
    """
    if not (folder / CHECKPOINT).exists():
        return
    number = 1
    while (kept := folder / f"previous_run_{number}").exists():
        number += 1
    kept.mkdir()
    for pattern in RESULTS:
        for path in sorted(folder.glob(pattern)):
            os.replace(path, kept / path.name)
    say(f"The run before is kept in {kept}.")
