"""A plain function as a training loop: its optimizer exists only within it."""

from types import SimpleNamespace

import torch
import torch.nn.functional as F
from suites import AbstractTestTrainer
from torch.utils.data import DataLoader

from .regression import net, table


def fit(model, dataset, epochs, batch_size):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    model.train()
    for _ in range(epochs):
        for inputs, targets in DataLoader(dataset, batch_size, shuffle=True):
            loss = F.mse_loss(model(inputs).flatten(), targets)
            if not loss.isfinite():
                raise ValueError("the loss is not finite")
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()


class AdoptedFunction(AbstractTestTrainer):
    loss_tags, loss_tag, eval_tag = (), None, None

    def new_trainer(self, model, data, *, batch_size):
        return SimpleNamespace(model=model, data=data, batch_size=batch_size)

    def train(self, trainer, epochs):
        fit(trainer.model, trainer.data.train_data, epochs, trainer.batch_size)

    def setUp(self):
        self.trainer = self.new_trainer(net(), table(), batch_size=8)
