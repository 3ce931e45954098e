"""The generated GAN as its owner runs it: its suite, a training run, and two processes."""

import contextlib
import io
import json
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

ALONE = {"OMP_NUM_THREADS": "1"}  # as in this process, so that the results have the same bits
OFFLINE = {"https_proxy": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9"}
OPTIONS = ("--sample", "--device=cpu", "--latent-dim=4", "--learning-rate-decay=0.9")

# Two epochs without what differs between processes by design: running statistics, and noise. Each
# has its share of the latent codes, as it has of the images; for the figures, all of them.
TRAINING = """
import sys, types, torch, torch.distributed as dist
from torch import nn
from torch.utils.data import Subset
from mnist_gan.dataset import SAMPLE_ROOT, MyMNIST
from mnist_gan.model import MLPGAN
from mnist_gan.quality import figures_of
from mnist_gan.trainer import Trainer

rank, size, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
if size > 1:
    dist.init_process_group("gloo", f"file://{folder}/store", rank=rank, world_size=size)
torch.manual_seed(0)
images = MyMNIST(SAMPLE_ROOT).test_data
splits = {"train_data": Subset(images, range(95)), "test_data": Subset(images, range(9))}
data = types.SimpleNamespace(**splits)
model = MLPGAN((1, 32, 32), 8)
calls = []

def draw_codes(n):
    calls.append(n)
    whole = torch.randn(50, 8, generator=torch.Generator().manual_seed(len(calls)))
    return whole[:n] if n == 9 else whole[rank::size][:n]

model.draw_codes = draw_codes
model.train = lambda mode=True: nn.Module.train(model, False)
optimizers = [torch.optim.SGD(part.parameters(), lr=0.1) for part in model.children()]
settings = {"num_generated_images": 9, "save_checkpoints": False}
trainer = Trainer(model, data, *optimizers, 50, "cpu", folder, **settings)
trainer.train(2)
state = {"model": model.state_dict(), "figures": figures_of(trainer)}
torch.save(state, f"{folder}/{rank} of {size}.pt")
if size > 1:
    dist.destroy_process_group()
"""


def setUpModule():
    global PROJECT, FOLDER
    folder = tempfile.TemporaryDirectory()
    unittest.addModuleCleanup(folder.cleanup)
    FOLDER = Path(folder.name)
    PROJECT = generate(FOLDER, task="gan")


class TestGeneratedSuite(unittest.TestCase):
    def test_is_green(self):
        done = python("-W", "always", "-m", "unittest", cwd=PROJECT, **ALONE)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertGreater(int(re.search(r"Ran (\d+) tests", done.stderr)[1]), 300)
        self.assertNotIn("Warning", done.stderr)


class TestTrainingRun(unittest.TestCase):
    """`python -m mnist_gan.run --sample`, in a directory with a blank in its name."""

    @classmethod
    def setUpClass(cls):
        cls.log_dir = FOLDER / "my results"
        command = ["-m", "mnist_gan.run", *OPTIONS, "--epochs=2", f"--log-dir={cls.log_dir}"]
        cls.done = python(*command, cwd=PROJECT, **OFFLINE, **ALONE)
        options = json.loads(cls.path("run.json").read_text(encoding="utf-8"))["options"]
        cls.batches = -(-500 // options["batch_size"])

    @classmethod
    def path(cls, name: str) -> Path:
        return cls.log_dir / name

    def test_succeeds_and_says_where_the_results_are(self):
        self.assertEqual(self.done.returncode, 0, self.done.stderr)
        self.assertRegex(self.done.stdout, r"accuracy of the discriminator +\d+\.\d%\n")
        self.assertRegex(self.done.stdout, r"variety, beside that of test images +\d+\.\d\d\n")
        self.assertRegex(self.done.stderr, r"epoch=2, loss=\d")
        for name in ("samples.png", "samples_over_epochs.png", "checkpoint.pt", "run.json"):
            self.assertIn(str(self.path(name)), self.done.stdout)
            self.assertTrue(self.path(name).is_file(), name)

    def test_pictures_have_a_title_and_all_that_is_declared(self):
        for name, rows in (("samples.png", 8), ("samples_over_epochs.png", 2)):
            with self.subTest(name=name), Image.open(self.path(name)) as picture:
                width, height = picture.size
                self.assertGreaterEqual(width, 8 * 2 * (32 + 4))
                self.assertGreater(height, rows * 2 * (32 + 4))
                self.assertLess(height, (rows + 2) * 2 * (32 + 4))
                title = picture.convert("L").crop((0, 0, width, 40))
                self.assertLess(title.getextrema()[0], 50, "There is no black text at the top.")

    def test_event_file_holds_the_declared_tags(self):
        events = EventAccumulator(str(self.log_dir)).Reload()
        steps = list(range(2 * self.batches))
        for network in ("generator", "discriminator"):
            for value in ("loss", "grad_norm"):
                tag = f"train/{network}_{value}"
                self.assertEqual([event.step for event in events.Scalars(tag)], steps, tag)
            self.assertTrue(events.Scalars(f"weights/update/{network}.{FIRST[network]}.weight"))
        for name in ("accuracy", "variety"):
            self.assertEqual([x.step for x in events.Scalars(f"test/{name}")], [0, 1], name)
        self.assertEqual([x.step for x in events.Images("test/samples")], [0, 1])

    def test_resumed_run_ends_in_the_same_bits(self):
        """One epoch, and another one after a pause: of both networks, optimizers, schedulers."""
        log_dir = FOLDER / "resumed"
        train(*OPTIONS, "--epochs=1", log_dir=log_dir)
        train("--resume", "--epochs=2", log_dir=log_dir)
        resumed, whole = checkpoint(log_dir), checkpoint(self.log_dir)
        self.assertEqual(resumed["step"], 2 * self.batches)
        self.assertEqual(differences(resumed, whole), [])
        self.assertEqual([*resumed["samples"]["rows"]], [1, 2])

    def test_another_learning_rate_is_that_of_both_optimizers(self):
        log_dir = FOLDER / "another rate"
        train(*OPTIONS, "--epochs=1", log_dir=log_dir)
        printed = train("--resume", "--epochs=2", "--learning-rate=1e-5", log_dir=log_dir)
        self.assertIn("The learning rate begins with 1e-05, not ", printed)
        state = checkpoint(log_dir)
        for name in ("generator", "discriminator"):
            (group,) = state[f"{name}_optimizer"]["param_groups"]
            self.assertAlmostEqual(group["lr"], 1e-5 * 0.9**2)
            self.assertEqual(state[f"{name}_scheduler"]["base_lrs"], [1e-5])


FIRST = {"generator": "0", "discriminator": "0"}  # layers with weights, of the default networks


def checkpoint(log_dir: Path) -> dict:
    return torch.load(log_dir / "checkpoint.pt", weights_only=True)


def train(*options: str, log_dir: Path) -> str:
    """Runs the command line in this process, with other random numbers than before."""
    if str(PROJECT) not in sys.path:
        sys.path.append(str(PROJECT))
        unittest.addModuleCleanup(sys.path.remove, str(PROJECT))
    from mnist_gan import run

    torch.rand(3)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        run.main([*options, f"--log-dir={log_dir}"])
    return printed.getvalue()


class TestProcesses(unittest.TestCase):
    def test_two_processes_reach_the_weights_and_figures_of_one(self):
        """Sums in another order differ in the last place, and at the kink of a ReLU in more."""
        processes = [
            subprocess.Popen(
                [sys.executable, "-c", TRAINING, str(rank), str(size), str(FOLDER)],
                cwd=PROJECT,
                env={**os.environ, **ALONE, "GLOO_SOCKET_IFNAME": "lo"},
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
                difference = (state["model"][name] - expected).abs().float().mean()
                self.assertLess(difference, 1e-6, name)
            found, expected = state["figures"]["test/accuracy"], one["figures"]["test/accuracy"]
            self.assertAlmostEqual(found, expected, places=6)
