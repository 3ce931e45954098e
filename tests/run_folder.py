"""Test cases with a training run in a folder of its own, started as its owner does."""

import contextlib
import io
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

import torch
from mnist_vae import run

from . import PROJECT
from .command_line import refusal, train

# On a CNN with few weights: what is checked here is the files.
OPTIONS = (
    *("--sample", "--device=cpu", "--epochs=4", "--batch-size=100", "--bottleneck-dim=4"),
    *("--network-type=cnn", "--learning-rate-decay=0.9", "--max-grad-norm=300"),
)


def leaves_of(value, name: str = "") -> dict:
    """All that is in nested dicts and sequences, by the way that leads there."""
    if isinstance(value, dict):
        parts = value.items()
    elif isinstance(value, list | tuple):
        parts = enumerate(value)
    else:
        return {name: value}
    return {n: leaf for key, part in parts for n, leaf in leaves_of(part, f"{name}.{key}").items()}


def differences(found: dict, expected: dict) -> list[str]:
    """The names under which two checkpoints differ, by a bit or more; not how they were made."""
    found, expected = (
        leaves_of({name: part for name, part in state.items() if name != "description"})
        for state in (found, expected)
    )
    different = found.keys() ^ expected.keys()
    for name in found.keys() & expected.keys():
        one, other = found[name], expected[name]
        tensors = isinstance(one, torch.Tensor) and isinstance(other, torch.Tensor)
        if not (torch.equal(one, other) if tensors else one == other):
            different.add(name)
    return sorted(different)


def limit_file_size(size: int):
    """What is larger cannot be written from now on, as on a disk that is full. Not on Windows."""
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


class RunTestCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.log_dir = Path(folder.name, "results")

    @property
    def path(self) -> Path:
        return self.log_dir / "checkpoint.pt"

    def checkpoint(self, log_dir: Path | None = None) -> dict:
        return torch.load((log_dir or self.log_dir) / "checkpoint.pt", weights_only=True)

    def assert_same_state(self, found: dict, expected: dict):
        """Weights, optimizer, scheduler, counters and random states are equal, bit for bit."""
        self.assertGreater(len(leaves_of(expected)), 30)
        self.assertEqual(differences(found, expected), [])

    def train(self, *arguments: str) -> str:
        """Trains in this process; returns what is printed."""
        return train(*arguments, f"--log-dir={self.log_dir}")

    def refuse(self, *arguments: str) -> str:
        """The line with which a run ends in this process."""
        return refusal(self, *arguments, f"--log-dir={self.log_dir}")

    def failure(self, *arguments: str) -> str:
        """The last line of a run that ends with an error, in this process."""
        printed = io.StringIO()
        with (
            contextlib.redirect_stderr(printed),
            contextlib.redirect_stdout(printed),
            self.assertRaises(SystemExit) as exit,
        ):
            run.main([*arguments, f"--log-dir={self.log_dir}"])
        self.assertEqual(exit.exception.code, 2)
        return printed.getvalue().splitlines(keepends=True)[-1]

    def start(
        self, *arguments: str, module: tuple[str, ...] = (), prepare=lambda: None, **settings
    ) -> subprocess.Popen:
        """Starts the command line in a process, with a session, of its own, that obeys signals.

        `prepare` is called in the new process: what started the tests may ignore some.
        """

        def preexec():
            for name in ("SIGINT", "SIGTERM", "SIGHUP"):
                signal.signal(getattr(signal, name), signal.SIG_DFL)
            prepare()

        command = [sys.executable, *module, "-m", "mnist_vae.run", *arguments]
        process = subprocess.Popen(
            [*command, f"--log-dir={self.log_dir}"],
            cwd=PROJECT,
            env={**os.environ, "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            preexec_fn=preexec if os.name == "posix" else None,
            **settings,
        )
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(lambda: process.poll() is None and os.killpg(process.pid, signal.SIGKILL))
        return process

    def wait_for(self, process: subprocess.Popen, name: str = "checkpoint.pt"):
        """Returns when a process has written a file, or has ended."""
        while process.poll() is None and not (self.log_dir / name).exists():
            time.sleep(0.01)
