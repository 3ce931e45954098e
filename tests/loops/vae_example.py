"""A VAE that returns all that its loss needs, in the style of pytorch/examples' VAE."""

from types import SimpleNamespace

import torch
import torch.nn.functional as F
from suites import AbstractTestTrainer
from torch import nn

from . import loaders
from .gan import IMAGES


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(64, 32)
        self.fc21, self.fc22 = nn.Linear(32, 4), nn.Linear(32, 4)
        self.fc3, self.fc4 = nn.Linear(4, 32), nn.Linear(32, 64)

    def encode(self, x):
        hidden = F.relu(self.fc1(x))
        return self.fc21(hidden), self.fc22(hidden)

    def reparameterize(self, mu, logvar):
        return mu + torch.randn_like(mu) * torch.exp(0.5 * logvar)

    def decode(self, z):
        return torch.sigmoid(self.fc4(F.relu(self.fc3(z))))

    def forward(self, x):
        mu, logvar = self.encode(x.view(-1, 64))
        return self.decode(self.reparameterize(mu, logvar)), mu, logvar


def loss_function(recon, x, mu, logvar):
    error = F.binary_cross_entropy(recon, x.view(-1, 64), reduction="sum")
    return error - 0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())


def train(model, loader, optimizer, device):
    model.train()
    total = 0
    for data, _ in loader:
        data = data.to(device)
        optimizer.zero_grad()
        loss = loss_function(*with_input(model, data))
        loss.backward()
        total += loss.item()
        optimizer.step()
    return total / len(loader.dataset)


def test(model, loader, device):
    model.eval()
    with torch.no_grad():
        losses = [loss_function(*with_input(model, data.to(device))).item() for data, _ in loader]
    return sum(losses) / len(loader.dataset)


def with_input(model, data):
    recon, mu, logvar = model(data)
    return recon, data, mu, logvar


def adam(model):
    return torch.optim.Adam(model.parameters(), lr=1e-3)


def grey_images():
    batch = [(image.clamp(-1, 1).add(1).div(2), 0) for image in IMAGES[:8]]
    return SimpleNamespace(train_data=batch, test_data=batch)


class AdoptedVAEExample(AbstractTestTrainer):
    loss_tags, loss_tag, eval_tag = ("train",), None, None  # it prints that of an epoch
    epoch_loss_tag, minimises_sum = "train", True
    non_finite = None  # it never looks
    noisy_evaluation = True  # codes are drawn in evaluation as well
    leaves_eval_mode = True
    overfit_factor = 0.9  # of a cross-entropy on grey values

    def new_trainer(self, model, data, *, batch_size, device="cpu", make_optimizer=adam):
        return SimpleNamespace(
            model=model.to(device), data=data, optimizer=make_optimizer(model), device=device,
            loaders=loaders(data, batch_size), losses=[],
        )  # fmt: skip

    def train(self, trainer, epochs):
        for _ in range(epochs):
            loss = train(trainer.model, trainer.loaders[0], trainer.optimizer, trainer.device)
            trainer.losses.append((len(trainer.losses), loss))

    def evaluate(self, trainer):
        return test(trainer.model, trainer.loaders[1], trainer.device)

    def logged(self, trainer):
        return {"train": trainer.losses}

    def setUp(self):
        self.trainer = self.new_trainer(VAE(), grey_images(), batch_size=8)
