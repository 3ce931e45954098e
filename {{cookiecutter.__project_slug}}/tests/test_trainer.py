"""Tests of the trainer, on one batch of the sample of MNIST."""

import tempfile
import types
import unittest

import torch
from torch.utils.data import Subset

from {{ cookiecutter.__package_name }}.dataset import SAMPLE_ROOT, MyMNIST
from {{ cookiecutter.__package_name }}.model import MLPVAE
from {{ cookiecutter.__package_name }}.trainer import Trainer

from tests.templates import AbstractTestTrainer


class TestTrainer(unittest.TestCase, AbstractTestTrainer):
    distributed = True

    def setUp(self):
        self.log_dir = tempfile.TemporaryDirectory()
        batch = Subset(MyMNIST(SAMPLE_ROOT).test_data, range(8))
        model = MLPVAE(input_shape=(1, 32, 32), bottleneck_dim=16)
        self.trainer = Trainer(
            model,
            types.SimpleNamespace(train_data=batch, test_data=batch),
            torch.optim.Adam(model.parameters(), lr=2e-3, fused=True),  # fused: a third faster
            batch_size=8,
            device="cpu",
            log_dir=self.log_dir.name,
            num_generated_images=2,
            save_checkpoints=False,
        )

    def tearDown(self):
        self.trainer.summary.close()
        self.log_dir.cleanup()
