"""A small fitter for tables, as many write one."""

import copy
from types import SimpleNamespace

import torch
import torch.nn.functional as F
from suites import AbstractTestTrainer
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Fitter:
    """Its parts stand alone, so that a bug can take the place of one."""

    def __init__(self, net, rate=0.02):
        self.net = net
        self.optimizer = torch.optim.Adam(net.parameters(), rate)
        self.curve: list[float] = []

    def fit(self, loader, epochs):
        self.net.train()
        for _ in range(epochs):
            for inputs, targets in loader:
                self.optimizer.zero_grad()
                loss = self.loss(self.net(inputs), targets)
                loss.backward()
                self.optimizer.step()
                self.curve.append(self.point(loss))

    def point(self, loss):
        """What the curve keeps of a step."""
        return loss.item()

    def loss(self, outputs, targets):
        """outputs (N, 1), targets (N,)."""
        return F.mse_loss(outputs.squeeze(1), targets)

    def predict(self, inputs):
        training = self.net.training
        self.net.eval()
        with torch.no_grad():
            outputs = self.net(inputs).squeeze(1)
        self.net.train(training)
        return outputs

    def score(self, loader):
        """The root of the mean squared error."""
        total = sum((self.predict(x) - y).square().sum().item() for x, y in loader)
        return (total / len(loader.dataset)) ** 0.5


def net():
    return nn.Sequential(nn.Linear(3, 16), nn.Tanh(), nn.Dropout(0.05), nn.Linear(16, 1))


def table():
    generator = torch.Generator().manual_seed(0)
    inputs = torch.rand(8, 3, generator=generator)
    rows = TensorDataset(inputs, inputs @ torch.tensor([1.0, -2.0, 0.5]) + 1)
    return SimpleNamespace(train_data=rows, test_data=copy.copy(rows))


class AdoptedFitter(AbstractTestTrainer):
    loss_tags, loss_tag, eval_tag = ("loss",), "loss", None
    non_finite = None  # it never looks
    resumes = False  # the weights are saved
    cls: type = Fitter

    def new_trainer(self, model, data, *, batch_size):
        trainer = self.cls(model)
        trainer.data = data
        trainer.train_loader = DataLoader(data.train_data, batch_size, shuffle=True)
        trainer.test_loader = DataLoader(data.test_data, batch_size)
        return trainer

    def model_of(self, trainer):
        return trainer.net

    def train(self, trainer, epochs):
        trainer.fit(trainer.train_loader, epochs)

    def evaluate(self, trainer):
        return trainer.score(trainer.test_loader)

    def save_checkpoint(self, trainer, path):
        torch.save(trainer.net.state_dict(), path)

    def load_checkpoint(self, trainer, path):
        trainer.net.load_state_dict(torch.load(path))

    def logged(self, trainer):
        return {"loss": list(enumerate(trainer.curve))}

    def setUp(self):
        self.trainer = self.new_trainer(net(), table(), batch_size=8)
