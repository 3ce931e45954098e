"""Runs a generated project as its owner does: in a process, or through its main function."""

import contextlib
import io
import os
import subprocess
import sys
import threading
import unittest
from pathlib import Path

from mnist_vae import run
from tqdm import tqdm

from . import PROJECT


def python(*arguments: str, cwd: Path = PROJECT, timeout: int | None = None, **environment: str):
    """Runs Python in a project, without what this process has on its path."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        timeout=timeout,
        capture_output=True,
        text=True,
    )


def train(*arguments: str) -> str:
    """Runs the command line in this process, in silence; returns what it prints."""
    # By default tqdm shares a lock between processes, which those that are killed would leave.
    tqdm.set_lock(threading.RLock())
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        run.main(list(arguments))
    return printed.getvalue()


def refusal(case: unittest.TestCase, *arguments: str) -> str:
    """Runs the command line with bad values; returns the one line that it prints as an error."""
    printed = io.StringIO()
    with contextlib.redirect_stderr(printed), case.assertRaises(SystemExit) as exit:
        run.main(list(arguments))
    case.assertEqual(exit.exception.code, 2)
    case.assertEqual(printed.getvalue().count("\n"), 1, printed.getvalue())
    return printed.getvalue()
