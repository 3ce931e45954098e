"""Test suites for datasets, models, variational autoencoders and their trainers.

A suite is a class of tests without a test case. Subclass it together with unittest.TestCase, in
any order, and set the attributes that it requires:

    class TestCNNVAE(unittest.TestCase, AbstractTestVAE):
        def setUp(self):
            self.test_inputs = torch.randn(4, 1, 32, 32)
            self.net = CNNVAE(input_shape=(1, 32, 32), bottleneck_dim=16)

suite                 required               optional, with defaults
AbstractTestDataset   data, data_shape       data_range, augmented_splits, splits(), max_samples
AbstractTestModel     net, test_inputs       output_shape, frozen_parameters
AbstractTestVAE       net, test_inputs       the same; outputs have the shape of the inputs
AbstractTestTrainer   trainer                step_tags, epoch_tags, overfit_epochs, overfit_factor

Run them with `python -m unittest`, one file with `python -m unittest tests.test_model`, one test
with `python -m unittest tests.test_model.TestCNNVAE.test_output_shape`.

Where a property does not hold on purpose, override the attribute that declares it, with the reason
beside it, or skip the one test with the mechanism as a sentence:

    @unittest.skip("Experts are routed: one that no sample selects has no gradient.")
    def test_all_parameters_are_updated(self): ...

A third split of a dataset takes three lines:

    def splits(self):
        return {**super().splits(), "val_data": self.data.val_data}

The suites import nothing from this project: copy this folder to use them in another one.
"""

from .dataset import AbstractTestDataset
from .model import AbstractTestModel
from .trainer import AbstractTestTrainer
from .vae import AbstractTestVAE

__all__ = [
    "AbstractTestDataset",
    "AbstractTestModel",
    "AbstractTestTrainer",
    "AbstractTestVAE",
]
