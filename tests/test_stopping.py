"""A run that is asked to stop saves within a step, says how to go on, and shows no traceback."""

import functools
import os
import re
import signal
import subprocess
import time
import types
import unittest

from mnist_vae.stopping import stopping_on_signals

from .command_line import python
from .run_folder import OPTIONS, RunTestCase, limit_file_size

TORCHRUN = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2")
STATUS = {"SIGINT": 130, "SIGTERM": 143, "SIGHUP": 129}


class StoppingTestCase(RunTestCase):
    def assert_stopped(self, process: subprocess.Popen, status: int) -> None:
        printed = process.communicate(timeout=240)[0]
        self.assertEqual(process.returncode, status, printed)
        self.assertNotIn("Traceback", printed)
        self.assertRegex(printed.splitlines()[-1], r"Stopped after step \d+. To go on: .*--resume ")


@unittest.skipIf(os.name == "nt", "Windows has no signals but Ctrl-C.")
class TestSignals(StoppingTestCase):
    def test_interrupted_within_an_epoch_it_goes_on_there(self):
        """Sent to all processes of the run, as a terminal and a scheduler of jobs do."""
        self.train(*OPTIONS)
        expected = self.checkpoint()
        for name, workers in (("SIGINT", 2), ("SIGTERM", 2), ("SIGHUP", 0)):
            with self.subTest(signal=name):
                self.log_dir = self.log_dir.with_name(name)
                process = self.start(*OPTIONS, f"--workers={workers}")
                self.wait_for(process)
                os.killpg(process.pid, getattr(signal, name))
                self.assert_stopped(process, STATUS[name])
                self.assertLess(self.checkpoint()["epoch"], 4)
                self.train("--resume")
                self.assert_same_state(self.checkpoint(), expected)

    def test_a_second_one_ends_at_once(self):
        trainer = types.SimpleNamespace(stop_requested=False)
        numbers = [getattr(signal, name) for name in STATUS]
        for number in numbers:  # what started the tests may ignore it
            self.addCleanup(signal.signal, number, signal.signal(number, signal.SIG_DFL))
        before = [signal.getsignal(number) for number in numbers]
        with stopping_on_signals(trainer) as received:
            signal.raise_signal(signal.SIGTERM)
            self.assertTrue(trainer.stop_requested)
            self.assertEqual(received, [signal.SIGTERM])
            self.assertEqual({signal.getsignal(number) for number in numbers}, {signal.SIG_DFL})
        self.assertEqual([signal.getsignal(number) for number in numbers], before)

    def test_nohup_is_respected(self):
        def ignore():
            signal.signal(signal.SIGHUP, signal.SIG_IGN)

        process = self.start(*OPTIONS, "--epochs=1000000", prepare=ignore)
        self.wait_for(process)
        process.send_signal(signal.SIGHUP)
        step = self.checkpoint()["step"]
        while process.poll() is None and self.checkpoint()["step"] == step:
            time.sleep(0.05)  # until it has gone on for an epoch
        process.send_signal(signal.SIGTERM)
        self.assert_stopped(process, 143)

    def test_while_libraries_are_imported(self):
        """As soon as torch is being loaded: before that, it is Python that starts."""
        process = self.start(*OPTIONS)
        while process.poll() is None and "torch" not in mapped_files(process.pid):
            time.sleep(0.002)
        process.send_signal(signal.SIGINT)
        printed = process.communicate(timeout=240)[0]
        self.assertEqual(process.returncode, -signal.SIGINT, printed)
        self.assertEqual(printed, "")

    def test_while_data_are_read(self):
        """After the imports, and before the first step."""
        process = self.start(*OPTIONS, "--epochs=1000000")
        self.wait_for(process, "run.lock")
        process.send_signal(signal.SIGINT)
        printed = process.communicate(timeout=240)[0]
        self.assertEqual(process.returncode, 130, printed)
        self.assertNotIn("Traceback", printed)
        self.assertIn("Stopped", printed)


LEAVES_WORKERS = """
import torch
from mnist_vae.dataset import SAMPLE_ROOT, MyMNIST
from mnist_vae.loading import TrainingLoader
loader = TrainingLoader(MyMNIST(SAMPLE_ROOT).test_data, 50, torch.device("cpu"), workers=2)
print(len(list(loader)))
kept = loader.loader._iterator  # as a traceback would keep it
"""


class TestWorkers(unittest.TestCase):
    def test_end_with_a_process_that_leaves_them(self):
        """They ignore signals that are meant for the main process, but not what it sends."""
        done = python("-c", LEAVES_WORKERS, timeout=120)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "4\n", ""))


def mapped_files(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/maps") as file:
            return file.read()
    except OSError:
        return "torch"


@unittest.skipIf(os.name == "nt", "torchrun starts no processes on Windows.")
class TestSeveralProcesses(StoppingTestCase):
    """Under torchrun, whose own traceback follows: none is of this project."""

    def start(self, *arguments: str, **settings) -> subprocess.Popen:
        return super().start(*arguments, module=TORCHRUN, **settings)

    def printed_by(self, process: subprocess.Popen) -> str:
        printed = process.communicate(timeout=240)[0]
        self.assertNotEqual(process.returncode, 0, printed)
        self.assertNotRegex(printed, r'File ".*mnist_vae')
        return printed

    def test_stopped_and_interrupted_and_refused(self):
        """One process after the other in one folder, as each start takes seconds."""
        process = self.start(*OPTIONS, "--epochs=1000000")
        self.wait_for(process)
        printed = self.printed_by(self.start("--resume"))
        self.assertEqual(printed.count("another run is writing to"), 1, printed)
        os.killpg(process.pid, signal.SIGINT)  # to which torchrun adds its own
        printed = self.printed_by(process)
        self.assertEqual(len(re.findall(r"Stopped after step \d+\. To go on", printed)), 1, printed)

    def test_one_that_is_killed_ends_the_others_with_a_sentence(self):
        process = self.start(*OPTIONS, "--epochs=1000000")
        self.wait_for(process)
        with open(f"/proc/{process.pid}/task/{process.pid}/children") as file:
            first, second = sorted(map(int, file.read().split()))
        os.kill(second, signal.SIGKILL)
        printed = self.printed_by(process)
        self.assertIn("error: another process of this run has ended", printed)

    def test_full_disk_is_said_once(self):
        self.train(*OPTIONS, "--epochs=1")
        limit = functools.partial(limit_file_size, self.path.stat().st_size // 2)
        printed = self.printed_by(self.start("--resume", "--epochs=3", prepare=limit))
        self.assertEqual(printed.count("could not be written: File too large"), 1, printed)
        self.assertEqual(printed.count("The last checkpoint has 1 epochs and 5 steps"), 1, printed)
