"""Tests of the datasets, on the sample of MNIST that ships with the project."""

import unittest

from {{ cookiecutter.__package_name }}.dataset import SAMPLE_ROOT, MyMNIST

from tests.templates import AbstractTestDataset


class TestMyMNIST(unittest.TestCase, AbstractTestDataset):
    slight_augmentation = True

    def setUp(self):
        self.data = MyMNIST(SAMPLE_ROOT)
        self.data_shape = (1, 32, 32)
