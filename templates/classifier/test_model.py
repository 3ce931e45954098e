"""Tests of the models."""

import re
import unittest

import torch

from {{ cookiecutter.__package_name }}.model import CNNClassifier, MLPClassifier

from tests.suites import AbstractTestModel


class TestMLPClassifier(unittest.TestCase, AbstractTestModel):
    output_shape = (4, 10)

    def setUp(self):
        # It takes images of any size, and computes faster on small ones.
        self.test_inputs = torch.randn(4, 1, 16, 16)
        self.net = MLPClassifier(input_shape=(1, 16, 16), num_classes=10)


class TestCNNClassifier(unittest.TestCase, AbstractTestModel):
    output_shape = (4, 10)

    def setUp(self):
        self.test_inputs = torch.randn(4, 1, 32, 32)
        self.net = CNNClassifier(input_shape=(1, 32, 32), num_classes=10)


class TestArguments(unittest.TestCase):
    def test_there_are_at_least_two_classes(self):
        """Of a single class, the probability is always 1."""
        with self.assertRaisesRegex(ValueError, "^num_classes is 1, but must be at least 2.$"):
            MLPClassifier(input_shape=(1, 8, 8), num_classes=1)
        self.assertEqual(MLPClassifier(input_shape=(1, 8, 8), num_classes=2).head.out_features, 2)

    def test_images_can_be_halved_three_times(self):
        """The convolutional network refuses other sizes."""
        for shape in ((1, 28, 32), (1, 32, 28)):
            message = re.escape(
                f"input_shape is {shape}, but height and width must be multiples of 8."
            )
            with self.subTest(shape=shape), self.assertRaisesRegex(ValueError, message):
                CNNClassifier(input_shape=shape, num_classes=2)

    def test_other_images_and_classes(self):
        """Colour images that are not square, in three classes."""
        for network in (MLPClassifier, CNNClassifier):
            with self.subTest(network=network.__name__):
                logits = network(input_shape=(3, 16, 24), num_classes=3)(torch.randn(2, 3, 16, 24))
                self.assertEqual(logits.shape, (2, 3))
