"""Tests of what the two networks minimise."""

import unittest

import torch
import torch.nn.functional as F

from {{ cookiecutter.__package_name }}.objective import discriminator_loss, generator_loss

from tests.suites import AbstractTestLoss


class TestDiscriminatorLoss(unittest.TestCase, AbstractTestLoss):
    targets = None

    def setUp(self):
        self.loss = discriminator_loss
        self.outputs = torch.tensor([1.5, -0.3, 0.4]), torch.tensor([-0.8, 0.2, 2.0])
        self.perfect_outputs = torch.full((3,), 100.0), torch.full((3,), -100.0)

    def call(self, loss, outputs, targets):
        return loss(*outputs)

    def reference(self, outputs, targets):
        real, generated = (outputs[0].sigmoid(), outputs[1].sigmoid())
        return -(real.log().mean() + (1 - generated).log().mean())


class TestGeneratorLoss(unittest.TestCase, AbstractTestLoss):
    targets = None

    def setUp(self):
        self.loss = generator_loss
        self.outputs = torch.tensor([1.5, -0.3, 0.4])
        self.perfect_outputs = torch.full((3,), 100.0)

    def call(self, loss, outputs, targets):
        return loss(outputs)

    def reference(self, outputs, targets):
        return F.binary_cross_entropy(outputs.sigmoid(), torch.ones_like(outputs))
