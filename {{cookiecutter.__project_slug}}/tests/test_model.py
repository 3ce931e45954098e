"""Tests of the models."""

import unittest

import torch

from {{ cookiecutter.__package_name }}.model import CNNVAE, MLPVAE
from {{ cookiecutter.__package_name }}.trainer import kl_divergence

from tests.templates import AbstractTestVAE


class TestMLPVAE(unittest.TestCase, AbstractTestVAE):
    output_range = (-1, 1)
    kl_divergence = staticmethod(kl_divergence)

    def setUp(self):
        # It takes images of any size, and computes faster on small ones.
        self.test_inputs = torch.randn(4, 1, 16, 16)
        self.net = MLPVAE(input_shape=(1, 16, 16), bottleneck_dim=16)


class TestCNNVAE(unittest.TestCase, AbstractTestVAE):
    output_range = (-1, 1)
    kl_divergence = staticmethod(kl_divergence)

    def setUp(self):
        self.test_inputs = torch.randn(4, 1, 32, 32)
        self.net = CNNVAE(input_shape=(1, 32, 32), bottleneck_dim=16)
