"""Tests of how a step is computed: in parts, and in which precision."""

import types
import unittest
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from torch import nn
from torch.utils.data import TensorDataset

from {{ cookiecutter.__package_name }}.loop import Loop


class Regression(Loop):
    """Two terms, of which the first depends on the batch. Its targets lie two levels deep."""

    def losses(self, batch):
        inputs, (targets, weights) = batch[0], batch[1:]
        outputs = self.model(inputs)
        self.computed_in = outputs.dtype
        errors = (outputs.float() - targets).square().mean(dim=1)
        return {"error": (errors * weights).mean(), "size": self.model.bias.square().sum()}


class TestEngine(unittest.TestCase):
    def setUp(self):
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.log_dir = Path(folder.name)
        torch.manual_seed(0)
        self.model = nn.Linear(3, 2)
        self.batch = [torch.randn(7, 3), torch.randn(7, 2), torch.rand(7)]

    def step(self, **settings) -> list[torch.Tensor]:
        """The loss of a step and the gradients that it was taken with."""
        data = TensorDataset(*self.batch)
        optimizer = torch.optim.SGD(self.model.parameters(), lr=0.0)
        data = types.SimpleNamespace(train_data=data, test_data=data)
        self.loop = Regression(self.model, data, optimizer, 7, "cpu", self.log_dir, **settings)
        self.addCleanup(lambda loop: loop.summary.close(), self.loop)
        loss = self.loop.train_step(self.batch)
        return [torch.tensor(loss), *(p.grad.clone() for p in self.model.parameters())]

    def test_parts_of_a_batch_come_to_the_same(self):
        """Losses and gradients of a batch are those of its parts, also where they are unequal."""
        whole = self.step()
        for parts in (2, 3, 7, 8):
            for found, expected in zip(self.step(batch_parts=parts), whole, strict=True):
                message = f"In {parts} parts: {found} in place of {expected}"
                torch.testing.assert_close(found, expected, msg=message)

    def test_computes_in_the_precision_asked_for(self):
        """Layers compute in it, and what it is lower than is not kept from the caller."""
        for precision, dtype in (("float32", torch.float32), ("bfloat16", torch.bfloat16)):
            with self.subTest(precision=precision):
                found, *gradients = self.step(precision=precision)
                self.assertEqual(self.loop.computed_in, dtype)
                self.assertEqual({t.dtype for t in (found, *gradients)}, {torch.float32})
