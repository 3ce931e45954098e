"""Tests of the two terms that are minimised."""

import unittest

import torch
from torch import distributions
from torch.distributions import Normal

from {{ cookiecutter.__package_name }}.objective import kl_divergence, squared_error

from tests.suites import AbstractTestLoss


class TestKLDivergence(unittest.TestCase, AbstractTestLoss):
    reduction = "sum"
    perfect_loss = 0.0  # of the prior
    targets = None

    def setUp(self):
        self.loss = kl_divergence
        log_sigma = torch.tensor([[0.0, 0.5], [-1.0, 0.3], [-0.2, 0.8]])
        mu = torch.tensor([[0.0, 1.5], [-0.5, 0.25], [2.0, -1.0]])
        self.outputs = log_sigma, mu
        self.perfect_outputs = torch.zeros(3, 2), torch.zeros(3, 2)

    def call(self, loss, outputs, targets):
        return loss(*outputs)

    def reference(self, outputs, targets):
        log_sigma, mu = outputs
        return distributions.kl_divergence(Normal(mu, log_sigma.exp()), Normal(0.0, 1.0)).sum()


class TestSquaredError(unittest.TestCase, AbstractTestLoss):
    reduction = "sum"
    perfect_loss = 0.0

    def setUp(self):
        self.loss = squared_error
        self.outputs, self.targets = torch.randn(2, 3, 1, 4, 4)
