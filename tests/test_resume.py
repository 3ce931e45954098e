"""A run that is killed, stopped or prolonged goes on as if nothing had happened."""

import contextlib
import io
import random
import time
import unittest.mock

import torch
from mnist_vae import building

from .command_line import train
from .run_folder import OPTIONS, RunTestCase

WORKERS = "--workers=2"


class TestKilledRun(RunTestCase):
    """Forty kills are in benchmarks/kills.py."""

    def test_killed_at_a_random_moment_it_ends_in_the_same_state(self):
        start = time.monotonic()
        self.train(*OPTIONS, WORKERS)
        duration, expected = time.monotonic() - start, self.checkpoint()
        for kill in range(2):
            self.log_dir = self.log_dir.with_name(f"killed {kill}")
            process = self.start(*OPTIONS, WORKERS)
            self.wait_for(process, "run.json")
            time.sleep(random.Random(kill).uniform(0, duration))
            process.kill()
            process.wait()  # its workers may live on for seconds: they do not hold the folder
            with self.subTest(kill=kill, saved=self.path.exists()):
                self.train("--resume")
                self.assert_same_state(self.checkpoint(), expected)


class TestStoppedRun(RunTestCase):
    def test_every_step_can_be_the_last_one_before_the_interruption(self):
        self.train(*OPTIONS, "--epochs=1")
        expected = self.checkpoint()
        for steps in range(1, 6):
            with self.subTest(steps=steps):
                self.log_dir = self.log_dir.with_name(f"after {steps}")
                stop_after(steps, *OPTIONS, "--epochs=1", f"--log-dir={self.log_dir}")
                self.assertEqual(self.checkpoint()["loader"]["position"], steps)
                self.train("--resume")
                self.assert_same_state(self.checkpoint(), expected)


def stop_after(steps: int, *arguments: str):
    """Asks the trainer to stop during a step, as Ctrl-C does."""

    class Stopping(building.Trainer):
        def train_step(self, batch):
            loss = super().train_step(batch)
            self.stop_requested = self.step == steps
            return loss

    with unittest.mock.patch.object(building, "Trainer", Stopping), contextlib.suppress(SystemExit):
        train(*arguments)


class TestResumeOption(RunTestCase):
    def test_other_options_than_those_of_the_run_are_refused(self):
        self.train(*OPTIONS, "--epochs=1")
        for option, value, old in (
            ("--seed", "5", "0"),
            ("--network-type", "mlp", "'cnn'"),
            ("--bottleneck-dim", "5", "4"),
            ("--max-grad-norm", "5", "300"),
        ):
            with self.subTest(option=option):
                line = self.refuse("--resume", f"{option}={value}")
                self.assertRegex(line, f"error: argument {option}: .*{value}.* is not {old}.*, as ")
                self.assertIn("only --data-root, --device, --epochs, --learning-rate, --w", line)

    def test_more_epochs_prolong_a_run(self):
        self.train(*OPTIONS)
        expected = self.checkpoint()
        self.log_dir = self.log_dir.with_name("in two parts")
        self.train(*OPTIONS, "--epochs=1")
        self.train("--resume", "--epochs=4")
        self.assert_same_state(self.checkpoint(), expected)

    def test_without_a_checkpoint_it_says_so_and_begins(self):
        self.train(*OPTIONS, "--epochs=1")
        self.path.unlink()
        printed = self.train("--resume")
        self.assertIn(f"There is no checkpoint in {self.log_dir} yet", printed)
        self.assertEqual(self.checkpoint()["epoch"], 1)

    def test_without_a_run_it_says_so(self):
        self.assertIn(f"there is no run in {self.log_dir}", self.refuse("--resume"))
        self.assertFalse(self.log_dir.exists())

    def test_fewer_epochs_than_there_are_are_refused(self):
        self.train(*OPTIONS, "--epochs=2")
        before = (self.log_dir / "run.json").read_text()
        with contextlib.redirect_stdout(io.StringIO()):
            line = self.refuse("--resume", "--epochs=1")
        self.assertIn("1 is less than the 2 epochs that the run", line)
        self.assertEqual((self.log_dir / "run.json").read_text(), before)


class TestLearningRate(RunTestCase):
    """The only part of the training that may be given anew, for a run that has diverged."""

    def test_a_smaller_one_takes_effect_with_the_schedule(self):
        self.train(*OPTIONS, "--epochs=2")
        printed = self.train("--resume", "--epochs=3", "--learning-rate=1e-5")
        self.assertIn("begins with 1e-05, not 0.001: it is now 8.1e-06.\n", printed)
        state = self.checkpoint()
        group = state["optimizer"]["param_groups"][0]
        self.assertAlmostEqual(group["lr"], 1e-5 * 0.9**3, delta=1e-12)
        self.assertEqual(state["scheduler"]["base_lrs"], [1e-5])
        printed = self.train("--resume", "--epochs=4")  # is now that of the run
        self.assertNotIn("learning rate begins", printed)
        group = self.checkpoint()["optimizer"]["param_groups"][0]
        self.assertAlmostEqual(group["lr"], 1e-5 * 0.9**4, delta=1e-12)

    def test_the_weights_follow_it(self):
        self.train(*OPTIONS, "--epochs=1")
        before = self.checkpoint()["model"]
        self.train("--resume", "--epochs=2", "--learning-rate=1e-30")
        after = self.checkpoint()["model"]
        weights = [name for name in before if name.endswith("weight")]
        self.assertTrue(all(torch.equal(before[name], after[name]) for name in weights))

    def test_a_run_that_has_diverged_goes_on_as_it_is_advised(self):
        self.train(*OPTIONS, "--epochs=1")
        with diverging_in_epoch(2):
            line = self.failure("--resume", "--epochs=3")
            self.assertRegex(line, "not finite in epoch 2, step 10: recon loss nan, kl div loss ")
            self.assertIn("The last checkpoint has 2 epochs and 10 steps. A smaller", line)
            self.assertTrue(line.endswith('results" --learning-rate 0.0001\n'), line)
            self.train("--resume", "--learning-rate=1e-4")
        self.assertEqual(self.checkpoint()["epoch"], 3)


@contextlib.contextmanager
def diverging_in_epoch(number: int):
    """A loss is not a number in that epoch, unless the learning rate is below 1e-3."""

    class Diverging(building.Trainer):
        def losses(self, batch):
            terms = super().losses(batch)
            if self.epoch == number and self.optimizer.param_groups[0]["initial_lr"] >= 1e-3:
                terms["recon_loss"] = terms["recon_loss"] * float("nan")
            return terms

    with unittest.mock.patch.object(building, "Trainer", Diverging):
        yield
