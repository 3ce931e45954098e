"""The generated loop serves other tasks: they train, resume bit for bit, run in two processes."""

import multiprocessing
import os
import tempfile
import unittest
from pathlib import Path

import torch
import torch.distributed as dist
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torch import nn

from .tasks import classifier, regression

TASKS = {"classifier": classifier.make_trainer, "regression": regression.make_trainer}
EPOCHS = 3
EPOCHS_TO_LEARN = {"classifier": 15, "regression": 40}


def run(task: str, log_dir: Path, epochs: int, **settings):
    """A trainer of a task after some epochs, which it may have gone on with."""
    torch.manual_seed(0)
    trainer = TASKS[task](log_dir, **settings)
    if trainer.checkpoint_path.exists():
        trainer.load(trainer.checkpoint_path)
    trainer.train(epochs - trainer.epoch)
    trainer.summary.close()
    return trainer


def one_of_two_processes(rank: int, task: str, folder: str):
    torch.set_num_threads(1)
    os.environ["GLOO_SOCKET_IFNAME"] = "lo"
    dist.init_process_group("gloo", f"file://{folder}/store", rank=rank, world_size=2)
    trainer = run_without_noise(task, Path(folder, "two"))
    trainer.save(Path(folder, "two.pt"))
    dist.destroy_process_group()


def run_without_noise(task: str, log_dir: Path):
    """Two epochs without what differs between processes by design: noise, and statistics."""
    torch.manual_seed(0)
    trainer = TASKS[task](log_dir, save_checkpoints=False)
    trainer.data.train_data.max_rotation = 0.0
    trainer.model.train = lambda mode=True: nn.Module.train(trainer.model, False)
    trainer.train(2)
    trainer.summary.close()
    return trainer


class TestTasks(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def each_task(self):
        for task in TASKS:
            folder = self.folder / task
            folder.mkdir()
            yield task, folder

    def test_they_learn_and_log_their_terms(self):
        for task, folder in self.each_task():
            with self.subTest(task=task):
                before = TASKS[task](folder).eval()
                trainer = run(task, folder, EPOCHS_TO_LEARN[task], save_checkpoints=False)
                self.assertLess(trainer.eval(), 0.5 * before)
                log = EventAccumulator(str(folder), size_guidance={"scalars": 0}).Reload()
                terms = {"classifier": ["cross_entropy"], "regression": ["nll", "penalty"]}[task]
                found = [[x.value for x in log.Scalars(f"train/{name}")] for name in terms]
                totals = [x.value for x in log.Scalars("train/loss")]
                self.assertEqual(len(totals), trainer.step)
                for *values, total in zip(*found, totals, strict=True):
                    self.assertAlmostEqual(sum(values), total, places=5)

    def test_accuracy_is_that_of_all_test_images(self):
        trainer = run("classifier", self.folder, EPOCHS_TO_LEARN["classifier"])
        images, labels = zip(*trainer.data.test_data, strict=True)
        trainer.model.eval()
        right = trainer.model(torch.stack(images)).argmax(dim=1) == torch.tensor(labels)
        self.assertAlmostEqual(trainer.accuracy(), right.float().mean().item(), places=6)
        self.assertGreater(trainer.accuracy(), 0.7)

    def test_they_resume_bit_for_bit(self):
        for task, folder in self.each_task():
            with self.subTest(task=task):
                whole = run(task, folder / "whole", EPOCHS)
                run(task, folder / "resumed", 1)
                torch.rand(3)  # a new process has other random numbers
                resumed = run(task, folder / "resumed", EPOCHS)
                for name, expected in whole.model.state_dict().items():
                    self.assertTrue(torch.equal(resumed.model.state_dict()[name], expected), name)

    def test_two_processes_reach_the_weights_of_one(self):
        """Sums in another order differ in the last place, and Adam enlarges it a little."""
        context = multiprocessing.get_context("spawn")
        for task, folder in self.each_task():
            with self.subTest(task=task):
                processes = [
                    context.Process(target=one_of_two_processes, args=(rank, task, str(folder)))
                    for rank in range(2)
                ]
                for process in processes:
                    process.start()
                for process in processes:
                    process.join()
                    self.assertEqual(process.exitcode, 0)
                two = torch.load(folder / "two.pt", weights_only=True)
                one = run_without_noise(task, folder / "one")
                self.assertEqual(two["step"], one.step)
                for name, expected in one.model.state_dict().items():
                    difference = (two["model"][name] - expected).abs()
                    self.assertLess(difference.float().mean(), 1e-5, name)

    def test_each_takes_at_most_forty_lines(self):
        for module in (classifier, regression):
            text = Path(module.__file__).read_text(encoding="utf-8")
            self.assertLessEqual(len(text.splitlines()), 40)
