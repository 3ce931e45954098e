"""Tests of the trainer, on one batch of the sample of MNIST."""

import copy
import types
import unittest

import torch
from torch import nn
from torch.utils.data import Subset

from {{ cookiecutter.__package_name }}.building import CLASSES
from {{ cookiecutter.__package_name }}.dataset import SAMPLE_ROOT, MyMNIST
from {{ cookiecutter.__package_name }}.model import MLPClassifier
from {{ cookiecutter.__package_name }}.trainer import Trainer

from tests.suites import AbstractTestClassifierTrainer


def adam(model: nn.Module) -> torch.optim.Optimizer:
    return torch.optim.Adam(model.parameters(), lr=1.5e-3, fused=True)  # fused: a third faster


class TestTrainer(unittest.TestCase, AbstractTestClassifierTrainer):
    distributed = True
    num_classes = 10
    new_model: MLPClassifier

    @classmethod
    def setUpClass(cls):
        cls.new_model = MLPClassifier(input_shape=(1, 32, 32), num_classes=10)

    def new_trainer(
        self, model, data, *, batch_size, device="cpu", make_optimizer=adam, make_scheduler=None,
        **settings,
    ):  # fmt: skip
        """How every trainer in these tests is built."""
        optimizer = make_optimizer(model)
        return Trainer(
            model,
            data,
            optimizer,
            batch_size,
            device,
            log_dir=self.new_folder(),
            scheduler=make_scheduler(optimizer) if make_scheduler else None,
            **{"classes": CLASSES, "num_pictures": 0, "save_checkpoints": False, **settings},
        )

    def setUp(self):
        batch = Subset(MyMNIST(SAMPLE_ROOT).test_data, range(4))
        data = types.SimpleNamespace(train_data=batch, test_data=batch)
        model = copy.deepcopy(self.new_model)  # faster than drawing half a million weights
        self.trainer = self.new_trainer(model, data, batch_size=4)

    def tearDown(self):
        if "summary" in vars(self.trainer):  # the writer is made when it is first needed
            self.trainer.summary.close()

    def evaluate(self, trainer) -> dict:
        """Both figures of an evaluation."""
        return {"loss": trainer.eval(), "accuracy": trainer.accuracy()}
