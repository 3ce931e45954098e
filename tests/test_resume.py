"""A run that is killed, stopped or runs out of disk goes on as if nothing had happened."""

import contextlib
import io
import json
import multiprocessing
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import unittest.mock
from pathlib import Path

import torch
from mnist_vae import run

from . import PROJECT
from .command_line import refusal, train

KILLS = 20
OPTIONS = (
    *("--sample", "--device=cpu", "--epochs=4", "--batch-size=100", "--bottleneck-dim=4"),
    *("--learning-rate-decay=0.9", "--max-grad-norm=300"),
)


def tensors_in(value, name: str = "") -> dict[str, torch.Tensor]:
    if isinstance(value, torch.Tensor):
        return {name: value}
    if isinstance(value, dict):
        parts = value.items()
    else:
        parts = enumerate(value) if isinstance(value, list | tuple) else ()
    return {n: t for key, part in parts for n, t in tensors_in(part, f"{name}.{key}").items()}


class ResumeTestCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.log_dir = Path(folder.name, "results")

    def checkpoint(self, log_dir: Path | None = None) -> dict:
        return torch.load((log_dir or self.log_dir) / "checkpoint.pt", weights_only=True)

    def assert_same_state(self, found: dict, expected: dict):
        """Weights, optimizer, scheduler, counters and random states are equal, bit for bit."""
        self.assertEqual(found.keys(), expected.keys())
        for name in ("epoch", "step", "loader", "scheduler"):
            self.assertEqual(found[name], expected[name], name)
        found, expected = tensors_in(found), tensors_in(expected)
        self.assertEqual(found.keys(), expected.keys())
        self.assertGreater(len(expected), 30)
        for name in expected:
            self.assertTrue(torch.equal(found[name], expected[name]), name)


class TestKilledRun(ResumeTestCase):
    @unittest.skipUnless(hasattr(os, "fork"), "Without fork, every start takes seconds.")
    def test_killed_at_random_moments_it_ends_in_the_same_state(self):
        self.processes = multiprocessing.get_context("forkserver")
        self.processes.set_forkserver_preload([__name__])
        expected, duration = self.uninterrupted_run()
        moments = random.Random(0)
        epochs = []
        for kill in range(KILLS):
            log_dir = self.log_dir.with_name(f"results {kill}")
            arguments = (*OPTIONS, f"--log-dir={log_dir}")
            self.killed_run(arguments, moments.uniform(0.05, 0.95) * duration)
            if (log_dir / "run.json").exists():
                arguments = ("--resume", f"--log-dir={log_dir}")
            path = log_dir / "checkpoint.pt"
            epochs.append(self.checkpoint(log_dir)["epoch"] if path.exists() else 0)
            with self.subTest(kill=kill, epoch=epochs[-1]):
                self.finished_run(arguments)
                self.assert_same_state(self.checkpoint(log_dir), expected)
        self.assertGreater(len(set(epochs)), 2, f"The kills hit these epochs: {epochs}")

    def uninterrupted_run(self) -> tuple[dict, float]:
        self.finished_run((*OPTIONS, "--epochs=1", f"--log-dir={self.log_dir}"))  # warms up
        start = time.monotonic()
        self.finished_run((*OPTIONS, f"--log-dir={self.log_dir}"))
        return self.checkpoint(), time.monotonic() - start

    def finished_run(self, arguments):
        process = self.processes.Process(target=train, args=arguments)
        process.start()
        process.join()
        self.assertEqual(process.exitcode, 0)

    def killed_run(self, arguments, moment: float):
        process = self.processes.Process(target=train, args=arguments)
        process.start()
        process.join(moment)
        process.kill()
        process.join()


class TestStoppedRun(ResumeTestCase):
    def start(self, *arguments: str, **settings) -> subprocess.Popen:
        """Starts the command line in a process of its own; returns when the first epoch is over."""
        command = [sys.executable, "-m", "mnist_vae.run", *OPTIONS, *arguments]
        process = subprocess.Popen(
            [*command, f"--log-dir={self.log_dir}"],
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            **settings,
        )
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.addCleanup(process.stdout.close)
        return process

    def wait_for_checkpoint(self, process: subprocess.Popen):
        while process.poll() is None and not (self.log_dir / "checkpoint.pt").exists():
            time.sleep(0.01)

    def test_interrupted_within_an_epoch_it_goes_on_there(self):
        train(*OPTIONS, f"--log-dir={self.log_dir}")
        expected = self.checkpoint()
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(signal=number.name):
                self.log_dir = self.log_dir.with_name(number.name)
                process = self.start()
                self.wait_for_checkpoint(process)
                process.send_signal(number)
                printed = process.communicate()[0]
                self.assertEqual(process.returncode, 130, printed)
                self.assertNotIn("Traceback", printed)
                self.assertRegex(
                    printed.splitlines()[-1], r"Stopped after step \d+. To go on: .*--res"
                )
                self.assertLess(self.checkpoint()["epoch"], 4)
                train("--resume", f"--log-dir={self.log_dir}")
                self.assert_same_state(self.checkpoint(), expected)

    def test_every_step_can_be_the_last_one_before_the_interruption(self):
        train(*OPTIONS, "--epochs=1", f"--log-dir={self.log_dir}")
        expected = self.checkpoint()
        for steps in range(1, 6):
            with self.subTest(steps=steps):
                log_dir = self.log_dir.with_name(f"after {steps}")
                stop_after(steps, *OPTIONS, "--epochs=1", f"--log-dir={log_dir}")
                self.assertEqual(self.checkpoint(log_dir)["batch"], steps)
                train("--resume", f"--log-dir={log_dir}")
                self.assert_same_state(self.checkpoint(log_dir), expected)

    @unittest.skipIf(os.name == "nt", "Windows does not limit the size of files.")
    def test_full_disk_is_one_sentence_and_leaves_the_last_checkpoint(self):
        train(*OPTIONS, "--epochs=1", f"--log-dir={self.log_dir}")
        before = (self.log_dir / "checkpoint.pt").read_bytes()
        half = len(before) // 2

        def limit_file_size():
            import resource

            resource.setrlimit(resource.RLIMIT_FSIZE, (half, half))

        process = self.start("--resume", preexec_fn=limit_file_size)
        printed = process.communicate()[0]
        self.assertEqual(process.returncode, 2, printed)
        self.assertNotIn("Traceback", printed)
        self.assertRegex(
            printed.splitlines()[-1],
            r"error: .*checkpoint\.pt could not be written: File too large",
        )
        self.assertEqual((self.log_dir / "checkpoint.pt").read_bytes(), before)
        self.assertEqual(list(self.log_dir.glob("*.tmp")), [])


def stop_after(steps: int, *arguments: str):
    """Asks the trainer to stop during a step, as Ctrl-C does."""

    class Stopping(run.Trainer):
        def train_step(self, batch):
            loss = super().train_step(batch)
            self.stop_requested = self.step == steps
            return loss

    with unittest.mock.patch.object(run, "Trainer", Stopping), contextlib.suppress(SystemExit):
        train(*arguments)


class TestResumeOption(ResumeTestCase):
    def refuse(self, *arguments: str) -> str:
        return refusal(self, *arguments, f"--log-dir={self.log_dir}")

    def test_broken_and_foreign_checkpoints_are_named_and_left_alone(self):
        train(*OPTIONS, "--epochs=1", f"--log-dir={self.log_dir}")
        path = self.log_dir / "checkpoint.pt"
        whole = path.read_bytes()
        torch.save({"state_dict": {}}, self.log_dir / "foreign.pt")
        torch.save([1, 2], self.log_dir / "list.pt")
        for content, message in (
            (b"", "cut off, or no checkpoint"),
            (b"not a checkpoint", "cut off, or no checkpoint"),
            (whole[:-1000], "cut off, or no checkpoint"),
            (whole[: len(whole) // 2], "cut off, or no checkpoint"),
            ((self.log_dir / "list.pt").read_bytes(), "is no checkpoint of a training run"),
            ((self.log_dir / "foreign.pt").read_bytes(), "does not fit"),
        ):
            with self.subTest(message=message, length=len(content)):
                path.write_bytes(content)
                line = self.refuse("--resume")
                self.assertIn(str(path), line)
                self.assertIn(message, line)
                self.assertEqual(path.read_bytes(), content)

    def test_other_options_than_those_of_the_run_are_refused(self):
        train(*OPTIONS, "--epochs=1", f"--log-dir={self.log_dir}")
        for option, value, old in (
            ("--seed", "5", "0"),
            ("--network-type", "cnn", "'mlp'"),
            ("--bottleneck-dim", "5", "4"),
            ("--learning-rate", "0.1", "0.001"),
        ):
            with self.subTest(option=option):
                line = self.refuse("--resume", f"{option}={value}")
                self.assertRegex(line, f"error: argument {option}: .*{value}.* is not {old}, as in")

    def test_more_epochs_prolong_a_run(self):
        train(*OPTIONS, f"--log-dir={self.log_dir}")
        expected = self.checkpoint()
        self.log_dir = self.log_dir.with_name("in two parts")
        train(*OPTIONS, "--epochs=1", f"--log-dir={self.log_dir}")
        train("--resume", "--epochs=4", f"--log-dir={self.log_dir}")
        self.assert_same_state(self.checkpoint(), expected)

    def test_without_a_checkpoint_it_says_so_and_begins(self):
        train(*OPTIONS, "--epochs=1", f"--log-dir={self.log_dir}")
        (self.log_dir / "checkpoint.pt").unlink()
        printed = train("--resume", f"--log-dir={self.log_dir}")
        self.assertIn(f"There is no checkpoint in {self.log_dir} yet", printed)
        self.assertEqual(self.checkpoint()["epoch"], 1)

    def test_without_a_run_it_says_so(self):
        self.assertIn(f"there is no run in {self.log_dir}", self.refuse("--resume"))
        self.assertFalse(self.log_dir.exists())

    def test_fewer_epochs_than_there_are_are_refused(self):
        train(*OPTIONS, "--epochs=2", f"--log-dir={self.log_dir}")
        before = (self.log_dir / "run.json").read_text()
        with contextlib.redirect_stdout(io.StringIO()):
            line = self.refuse("--resume", "--epochs=1")
        self.assertIn("1 is less than the 2 epochs that the run", line)
        self.assertEqual((self.log_dir / "run.json").read_text(), before)

    def test_a_new_run_keeps_the_checkpoint_of_the_one_before(self):
        train(*OPTIONS, "--epochs=1", f"--log-dir={self.log_dir}")
        before = (self.log_dir / "checkpoint.pt").read_bytes()
        train(*OPTIONS, "--epochs=1", "--seed=1", f"--log-dir={self.log_dir}")
        previous = self.log_dir / "checkpoint_of_previous_run.pt"
        self.assertEqual(previous.read_bytes(), before)

    def test_broken_description_is_named(self):
        self.log_dir.mkdir()
        for text in ("", "[]", "{}", '{"options": 3}', '{"options": {"seed": "x"}}'):
            with self.subTest(text=text):
                (self.log_dir / "run.json").write_text(text)
                self.assertRegex(self.refuse("--resume"), r"run\.json is no|argument --seed")


class TestTracking(ResumeTestCase):
    def test_the_description_says_how_to_repeat_the_run(self):
        train(*OPTIONS, "--epochs=1", "--seed=3", f"--log-dir={self.log_dir}")
        description = json.loads((self.log_dir / "run.json").read_text(encoding="utf-8"))
        self.assertEqual(description["options"]["seed"], 3)
        self.assertEqual(description["options"]["bottleneck_dim"], 4)
        self.assertEqual(description["versions"]["torch"], torch.__version__)
        self.assertIsNone(description["commit"])  # the project of these tests is in no repository

    def test_the_commit_is_that_of_the_code(self):
        with tempfile.TemporaryDirectory() as folder:
            repository = Path(folder, "project")
            package = repository / "mnist_vae"
            package.mkdir(parents=True)
            source = (PROJECT / "mnist_vae" / "tracking.py").read_text()
            (package / "tracking.py").write_text(source)
            (package / "__init__.py").touch()
            who = ("-c", "user.name=Test", "-c", "user.email=test@example.com")
            for command in (["init", "-q"], ["add", "."], [*who, "commit", "-qm", "First"]):
                subprocess.run(["git", *command], cwd=repository, check=True)
            ask = [sys.executable, "-c", "from mnist_vae.tracking import commit; print(commit())"]

            def answer() -> str:
                environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
                done = subprocess.run(
                    ask, cwd=repository, env=environment, check=True, capture_output=True, text=True
                )
                return done.stdout.strip()

            self.assertTrue(re.fullmatch(r"[0-9a-f]{40}", answer()), answer())
            (package / "tracking.py").write_text(source + "# changed\n")
            self.assertTrue(re.fullmatch(r"[0-9a-f]{40}-dirty", answer()), answer())
