"""Tests of the models."""

import re
import unittest

import torch

from {{ cookiecutter.__package_name }}.model import CNNVAE, MLPVAE
from {{ cookiecutter.__package_name }}.trainer import kl_divergence

from tests.suites import AbstractTestVAE


class TestMLPVAE(unittest.TestCase, AbstractTestVAE):
    output_range = (-1, 1)
    mean_in_eval_mode = False  # the ELBO of the test images needs drawn codes
    kl_divergence = staticmethod(kl_divergence)

    def setUp(self):
        # With small images and layers it computes faster.
        self.test_inputs = torch.randn(4, 1, 16, 16)
        self.net = MLPVAE(input_shape=(1, 16, 16), bottleneck_dim=16, hidden_dims=(128, 64))


class TestCNNVAE(unittest.TestCase, AbstractTestVAE):
    output_range = (-1, 1)
    mean_in_eval_mode = False
    kl_divergence = staticmethod(kl_divergence)

    def setUp(self):
        self.test_inputs = torch.randn(4, 1, 32, 32)
        self.net = CNNVAE(input_shape=(1, 32, 32), bottleneck_dim=16)


class TestArguments(unittest.TestCase):
    def test_latent_codes_have_at_least_one_dimension(self):
        """A bottleneck without a dimension is refused."""
        with self.assertRaisesRegex(ValueError, "^bottleneck_dim is 0, but must be at least 1.$"):
            MLPVAE(input_shape=(1, 8, 8), bottleneck_dim=0)
        self.assertEqual(MLPVAE(input_shape=(1, 8, 8), bottleneck_dim=1).bottleneck_dim, 1)

    def test_images_can_be_halved_three_times(self):
        """The convolutional network refuses other sizes."""
        for shape in ((1, 28, 32), (1, 32, 28)):
            message = re.escape(
                f"input_shape is {shape}, but height and width must be multiples of 8."
            )
            with self.subTest(shape=shape), self.assertRaisesRegex(ValueError, message):
                CNNVAE(input_shape=shape, bottleneck_dim=1)
