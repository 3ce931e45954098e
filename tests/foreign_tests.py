"""A project that was there before the suites: its code and its tests, as text.

The tests of a model, a dataset and a trainer import the suites as an installed package.
"""

CODE = '''\
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader


class Tagger(nn.Module):
    """A class for each token."""

    def __init__(self, words=50, classes=3):
        super().__init__()
        self.embedding = nn.Embedding(words, 8)
        self.head = nn.Linear(8, classes)

    def forward(self, tokens):
        return self.head(torch.tanh(self.embedding(tokens)))


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(6, 16), nn.Tanh(), nn.Linear(16, 4))
        self.decoder = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 6))

    def encode(self, x):
        return self.encoder(x).chunk(2, dim=1)

    def bottleneck(self, mu, log_sigma):
        return mu + log_sigma.exp() * torch.randn_like(mu)

    def decode(self, code):
        return self.decoder(code)

    def forward(self, x):
        return self.decode(self.bottleneck(*self.encode(x)))


class Table:
    """Rows of three numbers and a target that is linear in them."""

    def __init__(self, rows=8, seed=0):
        self.inputs = torch.rand(rows, 3, generator=torch.Generator().manual_seed(seed))
        self.targets = self.inputs @ torch.tensor([1.0, -2.0, 0.5]) + 1

    def __len__(self):
        return len(self.inputs)

    def __getitem__(self, index):
        return self.inputs[index].clone(), self.targets[index].clone()


def regressor():
    return nn.Sequential(nn.Linear(3, 16), nn.Tanh(), nn.Linear(16, 1))


class Log(dict):
    """The owner's own, under the name that TensorBoard's writer often has."""

    def add_scalar(self, tag, value, step):
        self.setdefault(tag, []).append((step, value))


class Fitter:
    def __init__(self, net, data, batch_size):
        self.net, self.data, self.summary, self.step = net, data, Log(), 0
        self.loader = DataLoader(data.train_data, batch_size, shuffle=True)
        self.optimizer = torch.optim.Adam(net.parameters(), 0.02)

    def fit(self, epochs):
        self.net.train()
        for _ in range(epochs):
            for inputs, targets in self.loader:
                self.optimizer.zero_grad()
                loss = F.mse_loss(self.net(inputs).squeeze(1), targets)
                loss.backward()
                self.optimizer.step()
                self.summary.add_scalar("loss", loss.item(), self.step)
                self.step += 1
'''

TESTS = """\
import unittest
from types import SimpleNamespace

import torch
from unittest_torch import (
    AbstractTestDataset,
    AbstractTestModel,
    AbstractTestTrainer,
    AbstractTestVAE,
)

from foreign import VAE, Fitter, Table, Tagger, regressor


class TestTagger(unittest.TestCase, AbstractTestModel):
    output_shape = (4, 7, 3)

    def setUp(self):
        self.net = Tagger()
        self.test_inputs = torch.randint(50, (4, 7))


class TestVAE(unittest.TestCase, AbstractTestVAE):
    def setUp(self):
        self.net = VAE()
        self.test_inputs = torch.randn(4, 6)


class TestTable(unittest.TestCase, AbstractTestDataset):
    data_range = (0, 1)
    target_dtype = torch.float32
    augmented_splits = ()

    def setUp(self):
        self.data = SimpleNamespace(train_data=Table(20), test_data=Table(20, seed=1))
        self.data_shape = (3,)


class TestFitter(unittest.TestCase, AbstractTestTrainer):
    loss_tags, loss_tag, eval_tag = ("loss",), "loss", None
    non_finite = None  # it never looks

    def new_trainer(self, model, data, *, batch_size):
        return Fitter(model, data, batch_size)

    def model_of(self, trainer):
        return trainer.net

    def train(self, trainer, epochs):
        trainer.fit(epochs)

    def logged(self, trainer):
        return trainer.summary

    def setUp(self):
        batch = SimpleNamespace(train_data=Table(), test_data=Table())
        self.trainer = self.new_trainer(regressor(), batch, batch_size=8)


class TestFrozen(TestTagger):
    def setUp(self):
        super().setUp()
        self.net.head.weight.requires_grad_(False)
"""
