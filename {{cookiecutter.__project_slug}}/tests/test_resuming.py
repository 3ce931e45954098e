"""Tests of how a run goes on: with the epochs that are left, and from a checkpoint that fits."""

import contextlib
import io
import types
import unittest
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import TensorDataset

from {{ cookiecutter.__package_name }} import run
from {{ cookiecutter.__package_name }}.loop import Loop
from {{ cookiecutter.__package_name }}.trainer import Trainer

from tests.suites import stopped_at


class Regression(Loop):
    def losses(self, batch):
        inputs, targets = batch
        return {"squared_error": F.mse_loss(self.model(inputs), targets)}


class ResumingTestCase(unittest.TestCase):
    def setUp(self):
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.log_dir = Path(folder.name)


class TestCheckpoint(ResumingTestCase):
    def new_loop(self, outputs: int) -> Regression:
        torch.manual_seed(outputs)
        split = TensorDataset(torch.randn(4, 3), torch.randn(4, outputs))
        data = types.SimpleNamespace(train_data=split, test_data=split)
        # The last layer is loaded last: what does not fit is seen when the first one is there.
        model = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, outputs))
        optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
        new = Regression(model, data, optimizer, 4, "cpu", self.log_dir, save_checkpoints=False)
        self.addCleanup(lambda: new.summary.close())
        return new

    def test_one_that_does_not_fit_changes_nothing(self):
        """The model goes on with the weights it had, also those of layers that would fit."""
        path = self.log_dir / "checkpoint.pt"
        self.new_loop(outputs=1).save(path)
        loop = self.new_loop(outputs=2)
        before = {name: value.clone() for name, value in loop.model.state_dict().items()}
        with self.assertRaisesRegex(ValueError, "checkpoint.pt does not fit: its model: size mis"):
            loop.load(path)
        for name, value in loop.model.state_dict().items():
            self.assertTrue(torch.equal(value, before[name]), name)


class TestRun(ResumingTestCase):
    def begin(self, *arguments: str) -> tuple[Trainer, int]:
        """The trainer of the command line when it begins to train, and for how many epochs."""

        def main():
            run.main([*arguments, "--device=cpu", f"--log-dir={self.log_dir}"])

        with contextlib.redirect_stdout(io.StringIO()):
            trainer, epochs = stopped_at(Trainer, "train", main)
        trainer.summary.close()
        return trainer, epochs

    def test_trains_the_epochs_that_are_left(self):
        """Of five epochs, a run that has had two trains three more."""
        trainer, epochs = self.begin("--sample", "--epochs=2")
        self.assertEqual(epochs, 2)
        trainer.epoch = 2
        trainer.save(trainer.checkpoint_path)
        resumed, epochs = self.begin("--resume", "--epochs=5")
        self.assertEqual((resumed.epoch, epochs), (2, 3))
