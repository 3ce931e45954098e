"""A regression on a table: a Gaussian whose variance is learned, and a penalty on the weights."""

import types

import torch
import torch.nn.functional as F
from mnist_vae.loop import Loop
from torch import nn
from torch.utils.data import StackDataset


class Trainer(Loop):
    def losses(self, batch):
        mean, log_variance = self.model(batch["inputs"]).chunk(2, dim=1)
        nll = F.gaussian_nll_loss(mean, batch["targets"], log_variance.exp())
        return {"nll": nll, "penalty": 1e-3 * self.model[0].weight.square().sum()}

    def eval(self) -> float:
        """The mean squared error on the test split."""
        return self.mean_over_test_data(
            lambda batch: F.mse_loss(self.model(batch["inputs"])[:, :1], batch["targets"])
        )


def table(rows: int, seed: int) -> StackDataset:
    generator = torch.Generator().manual_seed(seed)
    inputs = torch.randn(rows, 5, generator=generator)
    noise = torch.randn(rows, 1, generator=generator)
    return StackDataset(inputs=inputs, targets=inputs[:, :1] * inputs[:, 1:2] + 0.1 * noise)


def make_trainer(log_dir, **settings) -> Trainer:
    data = types.SimpleNamespace(train_data=table(230, seed=0), test_data=table(50, seed=1))
    model = nn.Sequential(nn.Linear(5, 32), nn.Tanh(), nn.Dropout(0.1), nn.Linear(32, 2))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    return Trainer(model, data, optimizer, 50, "cpu", log_dir, **settings)
