"""Tests of the command line: what it builds before it trains."""

import contextlib
import io
import unittest
from typing import Any

from {{ cookiecutter.__package_name }} import run
from {{ cookiecutter.__package_name }}.building import make_parser
from {{ cookiecutter.__package_name }}.trainer import Trainer

from tests.suites import AbstractTestCommandLine, stopped_at


class TestRun(unittest.TestCase, AbstractTestCommandLine):
    # All with other values than their defaults, so that it is seen whether they arrive.
    options: dict[str, Any] = {
        "--network-type": "mlp",
        "--latent-dim": 3,
        "--learning-rate": 4e-3,
        "--learning-rate-decay": 0.5,
        "--max-grad-norm": 7.0,
        "--batch-size": 250,
        "--batch-parts": 2,
        "--precision": "bfloat16",
        "--workers": 0,  # processes would take longer than all these tests
        "--epochs": 3,
        "--seed": 5,
        "--sample": True,
    }
    quicker = {"--precision": "float32"}
    parser = make_parser()
    # Those of a run, and what this machine may not have: a compiler, a device, the whole of MNIST.
    not_shown = ("--log-dir", "--resume", "--compile", "--device", "--data-root")
    num_samples = {"train_data": 500, "test_data": 200}
    learning_rates = [4e-3, 2e-3, 1e-3]

    def trainer_from(self, arguments: list[str]) -> Trainer:
        """The trainer of run.py when it begins to train."""
        arguments = [*arguments, "--device=cpu", f"--log-dir={self.new_folder()}/results"]
        with contextlib.redirect_stdout(io.StringIO()):
            trainer, self.epochs = stopped_at(Trainer, "train", lambda: run.main(arguments))
        trainer.summary.close()
        trainer.show_progress = trainer.save_checkpoints = False
        return trainer

    def shown(self, trainer) -> dict:
        """Where each option shows; of two that have to agree, both."""
        optimizers = trainer.generator_optimizer, trainer.discriminator_optimizer
        rates = {group["lr"] for optimizer in optimizers for group in optimizer.param_groups}
        decays = {trainer.generator_scheduler.gamma, trainer.discriminator_scheduler.gamma}
        return {
            "--network-type": type(trainer.model).__name__.removesuffix("GAN").lower(),
            "--latent-dim": trainer.model.latent_dim,
            "--learning-rate": rates.pop() if len(rates) == 1 else rates,
            "--learning-rate-decay": decays.pop() if len(decays) == 1 else decays,
            "--max-grad-norm": trainer.max_grad_norm,
            "--batch-size": trainer.batch_size,
            "--batch-parts": trainer.engine.number_of_parts,
            "--precision": str(trainer.engine.dtype).removeprefix("torch."),
            "--workers": trainer.train_loader.loader.num_workers,
            "--epochs": self.epochs,
            "--sample": len(trainer.data.train_data) == 500,
        }

    def test_workers_reach_the_loader(self):
        """--workers is the number of processes that read samples."""
        trainer = self.built({**self.options, "--workers": 2})
        self.assertEqual(trainer.train_loader.loader.num_workers, 2)
