"""Tests of how a step is computed: in parts, and in which precision."""

import unittest

import torch
from torch import nn

from {{ cookiecutter.__package_name }}.engine import Engine

CPU = torch.device("cpu")


class TestEngine(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(0)
        self.model = nn.Linear(3, 2)
        self.images = torch.randn(7, 3)

    def losses(self, images):
        """Two losses per image, of which the first depends on the images."""
        outputs = self.model(images)
        self.computed_in = outputs.dtype
        return outputs.float().square().sum() / len(images), self.model.bias.square().sum()

    def step(self, **settings):
        self.model.zero_grad()
        found = Engine(self.model, self.losses, CPU, **settings).forward_backward(self.images)
        return [found, *(p.grad for p in self.model.parameters() if p.grad is not None)]

    def test_parts_of_a_batch_come_to_the_same(self):
        """Losses and gradients of a batch are those of its parts, also where they are unequal."""
        whole = self.step()
        for parts in (2, 3, 7):
            for found, expected in zip(self.step(parts=parts), whole, strict=True):
                message = f"In {parts} parts: {found} in place of {expected}"
                torch.testing.assert_close(found, expected, msg=message)

    def test_computes_in_the_precision_asked_for(self):
        """Layers compute in it, and what it is lower than is not kept from the caller."""
        for precision, dtype in (("float32", torch.float32), ("bfloat16", torch.bfloat16)):
            with self.subTest(precision=precision):
                found, *gradients = self.step(precision=precision)
                self.assertEqual(self.computed_in, dtype)
                self.assertEqual({t.dtype for t in (found, *gradients)}, {torch.float32})
