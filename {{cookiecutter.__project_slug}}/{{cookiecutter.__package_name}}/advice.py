"""What has ended a run, and what can be done about it."""

from argparse import Namespace
from pathlib import Path

from .checkpoint import read_checkpoint
from .folder import CHECKPOINT


def with_advice(error: Exception, args: Namespace, resume: str) -> str:
    """What has ended a run, and what can be done; resume: the command that goes on with it."""
    saved = last_checkpoint(args.log_dir / CHECKPOINT)
    if isinstance(error, FloatingPointError):
        smaller = f"{resume} --learning-rate {args.learning_rate / 10:g}"
        return f"{error}. {saved} A smaller learning rate may help:  {smaller}"
    found = str(error)
    if isinstance(error, OSError) and error.strerror:  # one of the system's own
        found = f"{error.filename or args.log_dir}: {error.strerror}"
    return f"{found}. {saved} To go on:  {resume}"


def last_checkpoint(path: Path) -> str:
    """What was really saved: a disk may be full, or damaged."""
    try:
        saved = read_checkpoint(path)
        return f"The last checkpoint has {saved['epoch']} epochs and {saved['step']} steps."
    except FileNotFoundError:
        return "There is no checkpoint yet."
    except (KeyError, OSError, ValueError):
        return f"{path} cannot be used."
