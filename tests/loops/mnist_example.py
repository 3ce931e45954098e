"""Two functions and a script around them, in the style of pytorch/examples' MNIST."""

from types import SimpleNamespace

import torch
import torch.nn.functional as F
from suites import AbstractTestClassifierTrainer
from torch import nn
from torch.optim import Adadelta
from torch.optim.lr_scheduler import StepLR

from . import loaders
from .classifier import one_batch


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3, stride=2)
        self.dropout = nn.Dropout(0.25)
        self.fc1 = nn.Linear(196, 32)
        self.fc2 = nn.Linear(32, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv(x)), 2)
        x = F.relu(self.fc1(self.dropout(x.flatten(1))))
        return F.log_softmax(self.fc2(x), dim=1)


def train(model, device, loader, optimizer):
    model.train()
    for data, target in loader:
        data, target = data.to(device), target.to(device)
        optimizer.zero_grad()
        loss = F.nll_loss(model(data), target)
        loss.backward()
        optimizer.step()


def test(model, device, loader):
    model.eval()
    loss = correct = 0
    with torch.no_grad():
        for data, target in loader:
            data, target = data.to(device), target.to(device)
            output = model(data)
            loss += F.nll_loss(output, target, reduction="sum").item()
            correct += output.argmax(dim=1).eq(target).sum().item()
    size = len(loader.dataset)
    return {"average loss": loss / size, "accuracy": 100.0 * correct / size}


def adadelta(model):
    return Adadelta(model.parameters(), lr=1.0)


def constant(optimizer):
    """In place of a schedule that ends after 14 epochs: here an epoch is a single step."""
    return StepLR(optimizer, step_size=1, gamma=1.0)


class AdoptedMNISTExample(AbstractTestClassifierTrainer):
    num_classes = 10
    loss_tags, loss_tag, eval_tag = (), None, "average loss"  # it prints that after each epoch
    non_finite = None  # it never looks
    leaves_eval_mode = True  # train() switches back
    resumes = False  # it saves the weights

    def new_trainer(self, model, data, *, batch_size, device="cpu", make_optimizer=adadelta,
                    make_scheduler=constant):  # fmt: skip
        optimizer, (train_loader, test_loader) = make_optimizer(model), loaders(data, batch_size)
        return SimpleNamespace(
            model=model.to(device), data=data, optimizer=optimizer, loader=train_loader, losses=[],
            scheduler=make_scheduler(optimizer), eval=lambda: test(model, device, test_loader),
            save=lambda path: torch.save(model.state_dict(), path), device=device,
            load=lambda path: model.load_state_dict(torch.load(path)),
        )  # fmt: skip

    def train(self, trainer, epochs):
        for _ in range(epochs):
            train(trainer.model, trainer.device, trainer.loader, trainer.optimizer)
            trainer.losses.append((len(trainer.losses), trainer.eval()["average loss"]))
            trainer.scheduler.step()

    def logged(self, trainer):
        return {"average loss": trainer.losses}

    def setUp(self):
        self.trainer = self.new_trainer(Net(), one_batch(), batch_size=8)
