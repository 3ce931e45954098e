"""The generated classifier as its owner runs it: its suite, a training run, two processes."""

import contextlib
import io
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import torch
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from .command_line import python
from .rendering import generate
from .run_folder import differences

UNITTEST = r"Ran (\d+) tests in .*\n\nOK"
OFFLINE = {"https_proxy": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9"}
ALONE = {"OMP_NUM_THREADS": "1"}  # as in this process, so that the results have the same bits

# Two epochs without what differs between processes by design, the noise of the dataset. Of the nine
# test images, the first of two processes has five.
TRAINING = """
import sys, types, torch, torch.distributed as dist
from torch.utils.data import Subset
from mnist_classifier.building import CLASSES
from mnist_classifier.dataset import SAMPLE_ROOT, MyMNIST
from mnist_classifier.model import MLPClassifier
from mnist_classifier.trainer import Trainer

rank, size, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
if size > 1:
    dist.init_process_group("gloo", f"file://{folder}/store", rank=rank, world_size=size)
torch.manual_seed(0)
images = MyMNIST(SAMPLE_ROOT).test_data
data = types.SimpleNamespace(train_data=images, test_data=Subset(images, range(9)))
model = MLPClassifier((1, 32, 32), 10)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
settings = {"classes": CLASSES, "num_pictures": 9, "save_checkpoints": False}
trainer = Trainer(model, data, optimizer, 50, "cpu", folder, **settings)
trainer.train(2)
found = trainer.predict()
state = {"model": model.state_dict(), "logits": found.logits, "labels": found.labels}
torch.save(state, f"{folder}/{rank} of {size}.pt")
if size > 1:
    dist.destroy_process_group()
"""


def setUpModule():
    global PROJECT, FOLDER
    folder = tempfile.TemporaryDirectory()
    unittest.addModuleCleanup(folder.cleanup)
    FOLDER = Path(folder.name)
    PROJECT = generate(FOLDER, task="classifier")


class TestGeneratedSuite(unittest.TestCase):
    def test_is_green(self):
        done = python("-W", "always", "-m", "unittest", cwd=PROJECT, **ALONE)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertGreater(int(re.search(UNITTEST, done.stderr)[1]), 200)
        self.assertNotIn("Warning", done.stderr)


class TestTrainingRun(unittest.TestCase):
    """`python -m mnist_classifier.run --sample`, in a directory with a blank in its name."""

    @classmethod
    def setUpClass(cls):
        cls.log_dir = FOLDER / "my results"
        command = ["-m", "mnist_classifier.run", "--sample", "--device=cpu", "--epochs=2"]
        command += ["--network-type=cnn", f"--log-dir={cls.log_dir}"]
        cls.done = python(*command, cwd=PROJECT, **OFFLINE, **ALONE)

    def test_succeeds_and_says_where_the_results_are(self):
        self.assertEqual(self.done.returncode, 0, self.done.stderr)
        self.assertRegex(self.done.stdout, r"loss per test image, in nats +\d\.\d{4}\n")
        self.assertRegex(self.done.stdout, r"accuracy on test images +\d+\.\d\d %\n")
        self.assertRegex(self.done.stderr, r"8/8 .*epoch=2, loss=\d")
        for name in ("confusion.png", "most_wrong.png", "checkpoint.pt", "run.json"):
            self.assertIn(str(self.log_dir / name), self.done.stdout)
            self.assertTrue((self.log_dir / name).is_file(), name)

    def test_pictures_have_a_title_and_all_that_is_declared(self):
        with Image.open(self.log_dir / "most_wrong.png") as picture:
            width, height = picture.size
            self.assertEqual(width, 8 * (96 + 12))
            self.assertGreater(height, 4 * (96 + 12))
            title = picture.convert("L").crop((0, 0, width, 40))
            self.assertLess(title.getextrema()[0], 50, "There is no black text at the top.")
        with Image.open(self.log_dir / "confusion.png") as picture:
            self.assertGreater(min(picture.size), 11 * 20)  # ten classes, and their names

    def test_event_file_holds_the_declared_tags(self):
        events = EventAccumulator(str(self.log_dir)).Reload()
        tags = events.Tags()
        for tag in ("train/cross_entropy", "train/loss", "train/grad_norm"):
            self.assertEqual([event.step for event in events.Scalars(tag)], list(range(8)), tag)
        for tag, steps in (
            ("test/loss", [0, 1]),
            ("test/accuracy", [0, 1]),
            ("test/cross_entropy", [3, 7]),  # on the axis of that of training
        ):
            self.assertEqual([event.step for event in events.Scalars(tag)], steps, tag)
        self.assertEqual(set(tags["images"]), {"test/confusion", "test/most_wrong"})
        self.assertIn("weights/update/head.weight", tags["scalars"])
        groups = {tag.split("/")[0] for kind in ("scalars", "images") for tag in tags[kind]}
        self.assertEqual(sorted(groups), ["test", "train", "weights"])

    def test_resumed_run_ends_in_the_same_bits(self):
        """One epoch, and another one after a pause, in this process."""
        log_dir = FOLDER / "resumed"
        sys.path.append(str(PROJECT))
        self.addCleanup(sys.path.remove, str(PROJECT))
        from mnist_classifier import run

        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            for options in (
                ["--sample", "--device=cpu", "--epochs=1", "--network-type=cnn"],
                ["--resume", "--epochs=2"],
            ):
                torch.rand(3)  # a new process has other random numbers
                run.main([*options, f"--log-dir={log_dir}"])
        resumed, whole = (
            torch.load(folder / "checkpoint.pt", weights_only=True)
            for folder in (log_dir, self.log_dir)
        )
        self.assertEqual(resumed["step"], 8)
        self.assertEqual(differences(resumed, whole), [])


class TestProcesses(unittest.TestCase):
    def test_two_processes_reach_the_weights_and_predictions_of_one(self):
        """Sums in another order differ in the last place."""
        environment = {**os.environ, **ALONE, "GLOO_SOCKET_IFNAME": "lo"}
        processes = [
            subprocess.Popen(
                [sys.executable, "-c", TRAINING, str(rank), str(size), str(FOLDER)],
                cwd=PROJECT,
                env=environment,
            )
            for rank, size in ((0, 2), (1, 2), (0, 1))
        ]
        self.assertEqual([process.wait() for process in processes], [0, 0, 0])
        one, *two = (
            torch.load(FOLDER / f"{name}.pt", weights_only=True)
            for name in ("0 of 1", "0 of 2", "1 of 2")
        )
        for state in two:
            for name, expected in one["model"].items():
                torch.testing.assert_close(state["model"][name], expected, rtol=1e-4, atol=1e-5)
            torch.testing.assert_close(state["logits"], one["logits"], rtol=1e-3, atol=1e-4)
            self.assertEqual(state["labels"].tolist(), one["labels"].tolist())
