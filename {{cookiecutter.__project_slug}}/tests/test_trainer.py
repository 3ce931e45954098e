"""Tests of the trainer, on one batch of the sample of MNIST."""

import copy
import math
import tempfile
import types
import unittest

import torch
from torch.utils.data import Subset

from {{ cookiecutter.__package_name }}.dataset import SAMPLE_ROOT, MyMNIST
from {{ cookiecutter.__package_name }}.model import MLPVAE, VAE
from {{ cookiecutter.__package_name }}.trainer import Trainer

from tests.templates import AbstractTestTrainer


class TestTrainer(unittest.TestCase, AbstractTestTrainer):
    distributed = True
    new_model: MLPVAE

    @classmethod
    def setUpClass(cls):
        cls.new_model = MLPVAE(input_shape=(1, 32, 32), bottleneck_dim=16)

    def setUp(self):
        self.log_dir = tempfile.TemporaryDirectory()
        batch = Subset(MyMNIST(SAMPLE_ROOT).test_data, range(4))
        model = copy.deepcopy(self.new_model)  # faster than drawing a million weights
        self.trainer = Trainer(
            model,
            types.SimpleNamespace(train_data=batch, test_data=batch),
            torch.optim.Adam(model.parameters(), lr=1.5e-3, fused=True),  # fused: a third faster
            batch_size=4,
            device="cpu",
            log_dir=self.log_dir.name,
            num_generated_images=2,
            save_checkpoints=False,
        )

    def tearDown(self):
        self.trainer.summary.close()
        self.log_dir.cleanup()

    def test_elbo_of_a_model_worked_out_by_hand(self):
        """The ELBO of a model that always returns the same is the one worked out by hand."""
        self.trainer.model = ConstantVAE()
        images = torch.stack([image for image, _ in self.trainer.data.test_data])
        error = (images - OUTPUT).square().sum().item() / len(images)
        kl_divergence = (MU**2 + math.exp(2 * LOG_SIGMA) - 1) / 2 - LOG_SIGMA
        expected = -error - 1024 / 2 * math.log(math.pi) - CODE * kl_divergence
        self.assertAlmostEqual(self.trainer.elbo(), expected, delta=1e-5 * abs(expected))

    def test_prior_samples_come_from_the_prior(self):
        """sample_prior decodes different codes from N(0, 1), the same ones at every call."""
        self.trainer.model = ConstantVAE()
        self.assertEqual(self.trainer.sample_prior(100).shape, (100, 1, 32, 32))
        codes = self.trainer.model.latent_code
        # Of 300 normal values, the mean lies beyond 0.25 and the spread beyond 0.2 in fewer than
        # one of 10,000 seeds.
        self.assertLess(codes.mean().abs(), 0.25)
        self.assertLess((codes.std() - 1).abs(), 0.2)
        self.assertEqual(codes.unique().numel(), 300)
        self.trainer.sample_prior(100)
        torch.testing.assert_close(self.trainer.model.latent_code, codes)


MU, LOG_SIGMA, OUTPUT, CODE = 0.5, -1.0, 0.25, 3


class ConstantVAE(VAE):
    """Has the same posterior and the same output for every image."""

    def __init__(self):
        super().__init__(CODE)

    def encode(self, inputs):
        mu = torch.full((len(inputs), CODE), MU)
        return mu, torch.full_like(mu, LOG_SIGMA)

    def decode(self, latent_code):
        self.latent_code = latent_code
        return torch.full((len(latent_code), 1, 32, 32), OUTPUT)
