"""Training in several processes, from the command line and against a single process."""

import multiprocessing
import os
import signal
import subprocess
import tempfile
import time
import types
import unittest
from pathlib import Path

import torch
import torch.distributed as dist
from mnist_vae.dataset import SAMPLE_ROOT, MyMNIST
from mnist_vae.model import MLPVAE
from mnist_vae.trainer import Trainer
from torch.utils.data import Subset, default_collate

from .command_line import python, train
from .run_folder import RunTestCase

STEPS = 20
OPTIONS = ("--sample", "--device=cpu", "--batch-size=100", "--bottleneck-dim=4")


class WithoutNoise(MLPVAE):
    def bottleneck(self, mu, log_sigma):
        return mu


def weights_after_steps(rank: int, world_size: int, folder: str):
    """Trains the project's own network without what is random; the first process saves it."""
    torch.set_num_threads(1)
    os.environ["GLOO_SOCKET_IFNAME"] = "lo"
    if world_size > 1:
        store = f"file://{folder}/store"
        dist.init_process_group("gloo", init_method=store, rank=rank, world_size=world_size)
    torch.manual_seed(0)
    images = MyMNIST(SAMPLE_ROOT).test_data
    data = types.SimpleNamespace(train_data=images, test_data=Subset(images, range(9)))
    model = WithoutNoise((1, 32, 32), 8)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    log_dir = Path(folder, str(world_size))
    trainer = Trainer(model, data, optimizer, 50, "cpu", log_dir, 0, save_checkpoints=False)
    trainer.train(STEPS // 4)
    assert trainer.step == STEPS
    trainer.save(Path(folder, f"{world_size} processes.pt"))
    if world_size > 1:
        dist.destroy_process_group()


class TestProcesses(unittest.TestCase):
    def test_two_processes_reach_the_weights_of_one(self):
        """In 20 steps of Adam on the project's own network.

        Sums in another order differ in the last place. Adam divides by the root of a squared
        gradient, so that a weight whose gradient is all but zero may move by a whole learning rate
        in another direction: those few are allowed a step each way.
        """
        with tempfile.TemporaryDirectory() as folder:
            context = multiprocessing.get_context("spawn")
            for world_size in (1, 2):
                processes = [
                    context.Process(target=weights_after_steps, args=(rank, world_size, folder))
                    for rank in range(world_size)
                ]
                for process in processes:
                    process.start()
                for process in processes:
                    process.join()
                    self.assertEqual(process.exitcode, 0)
            one, two = (
                torch.load(Path(folder, f"{n} processes.pt"), weights_only=True)["model"]
                for n in (1, 2)
            )
        self.assertEqual(one.keys(), two.keys())
        for name in one:
            difference = (one[name] - two[name]).abs()
            self.assertLess(difference.max(), 2e-3, name)
            self.assertLess(difference.mean(), 1e-6, name)


class TorchrunTestCase(RunTestCase):
    def start(self, *arguments: str, processes: int = 2) -> subprocess.Popen:
        torchrun = ("-m", "torch.distributed.run", "--standalone")
        return super().start(*arguments, module=(*torchrun, f"--nproc-per-node={processes}"))

    def finish(self, *arguments: str, processes: int = 2) -> str:
        process = self.start(*arguments, processes=processes)
        printed = process.communicate(timeout=240)[0]
        self.assertEqual(process.returncode, 0, printed)
        return printed

    def checkpoint(self) -> dict:
        return torch.load(self.log_dir / "checkpoint.pt", weights_only=True)


class TestTorchrun(TorchrunTestCase):
    def test_one_run_of_two_processes_goes_on_with_two_and_with_one(self):
        self.finish(*OPTIONS, "--epochs=3")
        expected = self.checkpoint()
        self.log_dir = self.log_dir.with_name("in parts")
        printed = self.finish(*OPTIONS, "--epochs=1")
        self.assertEqual(printed.count("reconstruction loss per test image"), 1, printed)
        self.assertEqual(len(list(self.log_dir.glob("events*"))), 1)
        self.finish("--resume", "--epochs=3")
        found = self.checkpoint()
        self.assertEqual((found["epoch"], found["step"]), (3, 15))
        for name in expected["model"]:
            self.assertTrue(torch.equal(found["model"][name], expected["model"][name]), name)
        train("--resume", "--epochs=4", f"--log-dir={self.log_dir}")
        self.assertEqual((self.checkpoint()["epoch"], self.checkpoint()["step"]), (4, 20))

    def test_process_that_dies_ends_the_run_with_an_error(self):
        process = self.start(*OPTIONS, "--epochs=100000")
        while process.poll() is None and not (self.log_dir / "checkpoint.pt").exists():
            time.sleep(0.05)
        workers = children_of(process.pid)
        self.assertEqual(len(workers), 2)
        os.kill(workers[1], signal.SIGKILL)
        printed = process.communicate(timeout=120)[0]
        self.assertNotEqual(process.returncode, 0, printed)

    def test_bad_value_is_said_once(self):
        process = self.start("--sample", "--batch-size=2")
        printed = process.communicate(timeout=240)[0]
        self.assertNotEqual(process.returncode, 0)
        self.assertEqual(
            printed.count("2 processes need batches of at least 4 samples"), 1, printed
        )


def children_of(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return sorted(map(int, children))


class TestPrecision(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.log_dir = Path(folder.name, "results")

    def train(self, *arguments: str) -> dict:
        train(*OPTIONS, "--epochs=2", f"--log-dir={self.log_dir}", *arguments)
        return torch.load(self.log_dir / "checkpoint.pt", weights_only=True)

    def test_lower_precision_trains_nearly_the_same_weights(self):
        expected = self.train()["model"]
        for precision in ("bfloat16", "float16"):
            with self.subTest(precision=precision):
                found = self.train(f"--precision={precision}")
                difference = 0.0
                for name, weight in found["model"].items():
                    self.assertEqual(weight.dtype, torch.float32)
                    difference = max(difference, (weight - expected[name]).abs().max().item())
                # Ten steps of Adam move a weight by at most 0.01 each way; float32 it is not.
                self.assertLess(difference, 0.02)
                self.assertGreater(difference, 0)
                self.assertEqual(bool(found["scaler"]), precision == "float16")

    def test_scale_of_float16_is_restored(self):
        self.train("--precision=float16")
        path = self.log_dir / "checkpoint.pt"
        checkpoint = torch.load(path, weights_only=True)
        checkpoint["scaler"]["scale"] = 256.0
        torch.save(checkpoint, path)
        found = self.train("--precision=float16", "--resume", "--epochs=3")
        self.assertEqual(found["scaler"]["scale"], 256.0)

    def test_parts_of_a_batch_have_the_gradient_of_the_whole(self):
        torch.manual_seed(0)
        test_data = Subset(MyMNIST(SAMPLE_ROOT).test_data, range(10))
        batch = default_collate([test_data[i] for i in range(10)])
        model = WithoutNoise((1, 32, 32), 4)
        data = types.SimpleNamespace(train_data=test_data, test_data=test_data)
        gradients, losses = {}, {}
        for parts in (1, 2, 3, 10, 11):
            optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
            trainer = Trainer(model, data, optimizer, 10, "cpu", self.log_dir, batch_parts=parts)
            losses[parts] = trainer.train_step(batch)
            trainer.summary.close()
            gradients[parts] = [parameter.grad.clone() for parameter in model.parameters()]
        for parts in losses:
            with self.subTest(parts=parts):
                torch.testing.assert_close(losses[parts], losses[1], rtol=1e-5, atol=0)
                torch.testing.assert_close(gradients[parts], gradients[1], rtol=1e-4, atol=1e-5)

    def test_machine_without_compiler_is_told(self):
        with tempfile.TemporaryDirectory() as empty:
            done = python(
                *("-m", "mnist_vae.run", *OPTIONS, "--compile"),
                **{"PATH": empty, "CXX": "none", "TORCHINDUCTOR_CACHE_DIR": empty},
            )
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertRegex(done.stderr, r"\A\S+ \S+ \S+: error: this machine cannot compile .*\n\Z")
