# SPDX-License-Identifier: MIT
"""Test suites for datasets, models, losses and trainers: classes of tests without a test case.

Subclass a suite together with unittest.TestCase, in any order, and set what it requires:

    class TestCNNVAE(unittest.TestCase, AbstractTestVAE):
        output_range = (-1, 1)

        def setUp(self):
            self.test_inputs = torch.randn(4, 1, 32, 32)
            self.net = CNNVAE(input_shape=(1, 32, 32), bottleneck_dim=16)

suite                           requires                  what else can be declared stands in
AbstractTestDataset             data, data_shape          dataset/contract.py
AbstractTestModel               net, test_inputs          model/contract.py
AbstractTestVAE                 net, test_inputs          vae/contract.py, and as of a model
AbstractTestLoss                loss, outputs, targets    loss/contract.py
AbstractTestTrainer             trainer, new_trainer      trainer/contract.py
AbstractTestVAETrainer, ...     the same                  trainer/vae/contract.py
AbstractTestClassifierTrainer   the same                  trainer/classifier/contract.py
AbstractTestGANTrainer          the same                  trainer/gan/contract.py
AbstractTestCommandLine         options, trainer_from...  trainer/command_line/contract.py

Every attribute has a sentence there on what it means. What cannot be judged skips, with the reason
as a sentence.

Trainers: `new_trainer(model, data, *, batch_size, ...)` is your own function, which setUp uses too:

    def setUp(self):
        self.trainer = self.new_trainer(Classifier(), one_batch(), batch_size=4)

Where a property does not hold on purpose, override the attribute that declares it, with the reason
beside it, or skip the one test with the mechanism as a sentence:

    @unittest.skip("Masks are drawn anew for every call, so that no two of them agree.")
    def test_eval_mode_is_deterministic(self): ...

Run all with `python -m unittest`, one class with `python -m unittest tests.test_model.TestCNNVAE`.
To try a model without a test case: `python -m tests.suites --help`; where the suites are installed,
`tests.suites` is called `unittest_torch`. They import nothing from this project.
"""

from .constant_weights import set_constant_weights
from .dataset import AbstractTestDataset
from .loss import AbstractTestLoss
from .model import AbstractTestModel
from .stopping import stopped_at
from .trainer import AbstractTestTrainer
from .trainer.classifier import AbstractTestClassifierTrainer
from .trainer.command_line import AbstractTestCommandLine
from .trainer.gan import AbstractTestGANTrainer
from .trainer.vae import AbstractTestVAETrainer
from .vae import AbstractTestVAE

__all__ = [
    "AbstractTestClassifierTrainer",
    "AbstractTestCommandLine",
    "AbstractTestDataset",
    "AbstractTestLoss",
    "AbstractTestGANTrainer",
    "AbstractTestModel",
    "AbstractTestTrainer",
    "AbstractTestVAE",
    "AbstractTestVAETrainer",
    "set_constant_weights",
    "stopped_at",
]
