"""Tests of the trainer, on one batch of the sample of MNIST."""

import copy
import types
import unittest

import torch
from torch import nn
from torch.utils.data import Subset

from {{ cookiecutter.__package_name }}.dataset import SAMPLE_ROOT, MyMNIST
from {{ cookiecutter.__package_name }}.model import MLPGAN
from {{ cookiecutter.__package_name }}.trainer import Trainer

from tests.suites import AbstractTestGANTrainer


def adam(network: nn.Module) -> torch.optim.Optimizer:
    return torch.optim.Adam(network.parameters(), lr=1e-3, betas=(0.5, 0.999), fused=True)


class TestTrainer(unittest.TestCase, AbstractTestGANTrainer):
    updates = {
        "generator_optimizer": ("generator",),
        "discriminator_optimizer": ("discriminator",),
    }
    loss_tags = ("train/discriminator_loss", "train/generator_loss")
    eval_tag = "test/accuracy"
    distributed = True
    new_model: MLPGAN

    @classmethod
    def setUpClass(cls):
        cls.new_model = MLPGAN(image_shape=(1, 32, 32), latent_dim=8)

    def new_trainer(
        self, model, data, *, batch_size, device="cpu", make_optimizer=adam, make_scheduler=None,
        **settings,
    ):  # fmt: skip
        """How every trainer in these tests is built."""
        optimizers = make_optimizer(model.generator), make_optimizer(model.discriminator)
        generator_scheduler, discriminator_scheduler = (
            map(make_scheduler, optimizers) if make_scheduler else (None, None)
        )
        return Trainer(
            model,
            data,
            *optimizers,
            batch_size,
            device,
            log_dir=self.new_folder(),
            num_generated_images=2,
            generator_scheduler=generator_scheduler,
            discriminator_scheduler=discriminator_scheduler,
            **{"save_checkpoints": False, **settings},
        )

    def setUp(self):
        batch = Subset(MyMNIST(SAMPLE_ROOT).test_data, range(4))
        data = types.SimpleNamespace(train_data=batch, test_data=batch)
        model = copy.deepcopy(self.new_model)  # faster than drawing a million weights
        self.trainer = self.new_trainer(model, data, batch_size=4)

    def tearDown(self):
        if "summary" in vars(self.trainer):  # the writer is made when it is first needed
            self.trainer.summary.close()
