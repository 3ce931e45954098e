"""The generated project as its owner runs it: its suite, and a training run."""

import contextlib
import io
import os
import re
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import torch
from mnist_vae import run
from mnist_vae.dataset import SAMPLE_ROOT, MyMNIST
from mnist_vae.idx import FILES
from mnist_vae.model import CNNVAE, MLPVAE
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from .command_line import python, refusal, train

UNITTEST = r"Ran (\d+) tests in .*\n\nOK"
SHARED_MNIST = Path(__file__).resolve().parents[2] / "shared" / "mnist"


class TestGeneratedSuite(unittest.TestCase):
    def test_is_green(self):
        done = python("-m", "unittest")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertGreater(int(re.search(UNITTEST, done.stderr)[1]), 20)

    def test_runs_a_single_test(self):
        name = "tests.test_model.TestCNNVAE.test_output_shape"
        done = python("-W", "error", "-m", "unittest", "-v", name)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("The outputs have the declared shape and finite values. ... ok", done.stderr)

    def test_shows_no_warning(self):
        done = python("-W", "always", "-m", "unittest", "tests.test_dataset", "tests.test_trainer")
        self.assertNotIn("Warning", done.stderr)


class TestTrainingRun(unittest.TestCase):
    """`python -m mnist_vae.run --sample`, in a directory with a blank in its name."""

    @classmethod
    def setUpClass(cls):
        directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(directory.cleanup)
        cls.log_dir = Path(directory.name) / "my results"
        cls.done = python(
            *["-m", "mnist_vae.run", "--sample", "--epochs", "2", "--log-dir", str(cls.log_dir)],
            **{"https_proxy": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9"},
        )

    def test_succeeds_and_says_where_the_results_are(self):
        self.assertEqual(self.done.returncode, 0, self.done.stderr)
        self.assertRegex(self.done.stdout, r"reconstruction loss per test image +\d+\.\d\d\n")
        self.assertRegex(self.done.stdout, r"ELBO per test image, in nats +-\d+\.\d\d\n")
        for name in ("reconstructions.png", "prior_samples.png", "checkpoint.pt"):
            self.assertIn(str(self.log_dir / name), self.done.stdout)
            self.assertTrue((self.log_dir / name).is_file(), name)

    def test_shows_progress(self):
        self.assertRegex(self.done.stderr, r"8/8 .*epoch=2, loss=\d+")

    def test_event_file_holds_the_declared_tags(self):
        events = EventAccumulator(str(self.log_dir))
        events.Reload()
        tags = events.Tags()
        steps = ["train/recon_loss", "train/kl_div_loss", "train/loss"]
        self.assertLessEqual({*steps, "train/grad_norm", "test/elbo"}, set(tags["scalars"]))
        self.assertIn("update_to_weight/encoder.1.weight", tags["scalars"])
        images = {f"test/{i}" for i in range(10)}
        self.assertEqual(set(tags["images"]), {*images, "prior_samples"})
        for tag in steps:
            self.assertEqual([event.step for event in events.Scalars(tag)], list(range(8)))
        self.assertEqual([event.step for event in events.Scalars("test/loss")], [0, 1])

    def test_checkpoint_restores_the_model(self):
        checkpoint = torch.load(self.log_dir / "checkpoint.pt", weights_only=True)
        self.assertEqual((checkpoint["epoch"], checkpoint["step"]), (2, 8))
        model = MLPVAE((1, 32, 32), 32)
        model.load_state_dict(checkpoint["model"])
        images = torch.stack([image for image, _ in MyMNIST(SAMPLE_ROOT).test_data])
        with torch.no_grad():
            outputs = model.decode(model.encode(images)[0])
        loss = (outputs - images).square().sum().item() / len(images)
        printed = float(re.search(r"per test image +([\d.]+)", self.done.stdout)[1])
        self.assertAlmostEqual(loss, printed, delta=0.01)


class TestCommandLine(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)

    def train(self, *arguments: str) -> dict:
        """Trains for one epoch in this process and returns the checkpoint."""
        train("--sample", "--epochs=1", f"--log-dir={self.directory}", *arguments)
        return torch.load(self.directory / "checkpoint.pt", weights_only=True)["model"]

    def test_the_seed_decides_the_weights(self):
        first, again, other = self.train(), self.train(), self.train("--seed=1")
        name = "encoder.1.weight"
        self.assertTrue(torch.equal(first[name], again[name]))
        self.assertFalse(torch.equal(first[name], other[name]))

    def test_options_reach_the_model(self):
        state = self.train("--network-type=cnn", "--bottleneck-dim=7", "--device=cpu")
        CNNVAE((1, 32, 32), 7).load_state_dict(state)

    def test_bad_values_are_named_with_what_is_allowed(self):
        for option, value, allowed in (
            ("--network-type", "rnn", "mlp.*cnn"),
            ("--bottleneck-dim", "0", "from 1 to 4096"),
            ("--bottleneck-dim", "two", "from 1 to 4096"),
            ("--learning-rate", "-0.1", "finite number above 0"),
            ("--learning-rate", "nan", "finite number above 0"),
            ("--batch-size", "1.5", "from 1 to 60000"),
            ("--epochs", "0", "from 1 to"),
            ("--device", "gpu", "cpu"),
            ("--seed", "-1", "from 0 to"),
            ("--max-grad-norm", "0", "finite number above 0"),
            ("--learning-rate-decay", "x", "finite number above 0"),
            ("--log-dir", "", "not the name of a folder"),
        ):
            with self.subTest(option=option, value=value):
                line = refusal(self, "--sample", f"{option}={value}")
                self.assertRegex(line, f"error: argument {option}: .*'{value}'.*{allowed}")

    def test_unusable_log_directory_is_named(self):
        file = self.directory / "file"
        file.touch()
        line = refusal(self, "--sample", "--log-dir", str(file))
        self.assertRegex(line, "argument --log-dir: .*file' is not a folder")

    def test_diverging_run_stops_with_the_step(self):
        log_dir = f"--log-dir={self.directory}"
        with contextlib.redirect_stderr(io.StringIO()) as printed, self.assertRaises(SystemExit):
            run.main(["--sample", "--epochs=3", "--learning-rate=1e9", log_dir])
        last_line = printed.getvalue().splitlines()[-1]
        self.assertRegex(last_line, r"error: not finite in epoch 0, step \d+: \w+ .*A smaller --l")

    def test_missing_mnist_names_the_sample(self):
        proxies = {name: "http://127.0.0.1:9" for name in ("https_proxy", "http_proxy")}
        with mock.patch.dict(os.environ, proxies), contextlib.redirect_stdout(io.StringIO()):
            line = refusal(self, "--data-root", str(self.directory))
        self.assertRegex(line, f"MNIST is incomplete: {FILES[0]}.* not found in .*download failed")
        self.assertIn("Use --sample", line)

    def test_broken_mnist_is_named(self):
        folder = self.directory / "MNIST" / "raw"
        folder.mkdir(parents=True)
        for name in FILES:
            (folder / name).write_bytes(b"not an IDX file")
        line = refusal(self, "--data-root", str(self.directory))
        self.assertRegex(line, f"{FILES[0]} has 15 bytes, expected more than 16: delete it")


class TestSample(unittest.TestCase):
    def test_is_stratified(self):
        data = MyMNIST(SAMPLE_ROOT)
        self.assertEqual(torch.bincount(data.train_data.labels).tolist(), [50] * 10)
        self.assertEqual(torch.bincount(data.test_data.labels).tolist(), [20] * 10)

    def test_is_part_of_mnist(self):
        if not SHARED_MNIST.is_dir():
            self.skipTest("Full MNIST is not on this machine, beside the repository.")
        cut = Path(__file__).parents[1] / "benchmarks" / "cut_sample.py"
        with tempfile.TemporaryDirectory() as directory:
            done = python(str(cut), str(SHARED_MNIST), "--target", directory)
            self.assertEqual(done.returncode, 0, done.stderr)
            for name in FILES:
                shipped = SAMPLE_ROOT / "MNIST" / "raw" / name
                self.assertEqual((Path(directory) / name).read_bytes(), shipped.read_bytes())
