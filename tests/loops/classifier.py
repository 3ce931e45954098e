"""A plain loop for a classifier, correct, in parts of which a bug can take the place of one."""

import copy
import os
import random
from types import SimpleNamespace

import torch
import torch.nn.functional as F
from torch import nn
from torch.optim import AdamW
from torch.utils.data import DataLoader, Subset

from ..subjects import SAMPLE

CLASSES = 10
LEARNING_RATE = 3e-3


def classifier() -> nn.Module:
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(1024, 24),
        nn.BatchNorm1d(24),
        nn.ReLU(),
        nn.Dropout(0.1),
        nn.Linear(24, CLASSES),
    )


def adam_w(model) -> torch.optim.Optimizer:
    return AdamW(model.parameters(), LEARNING_RATE, weight_decay=0.01)


class ClassifierTrainer:
    """Cross-entropy, accuracy, checkpoints, the best weights, and what was logged in a dict."""

    def __init__(self, model, data, optimizer, batch_size, device="cpu", *, scheduler=None,
                 max_grad_norm=None, train_loader=None):  # fmt: skip
        self.device = torch.device(device)
        self.model = model.to(self.device)
        self.data = data
        self.optimizer = optimizer
        self.scheduler = scheduler
        self.max_grad_norm = max_grad_norm
        self.train_loader = train_loader or DataLoader(data.train_data, batch_size, shuffle=True)
        self.test_loader = DataLoader(data.test_data, batch_size, generator=torch.Generator())
        self.history: dict[str, list[tuple[int, float]]] = {}
        self.step = self.epoch = 0
        self.best_loss, self.best = float("inf"), None

    def train(self, epochs):
        for _ in range(epochs):
            self.model.train()
            for inputs, labels in self.train_loader:
                self.train_step(inputs.to(self.device), labels.to(self.device))
            self.end_epoch()

    def train_step(self, inputs, labels):
        loss = self.loss(self.model(inputs), labels)
        if not torch.isfinite(loss):
            raise FloatingPointError(f"The loss is {loss.item()} in step {self.step}.")
        self.take_step(loss)
        self.log("train/loss", self.step, loss.item())
        self.step += 1

    def loss(self, logits, labels):
        return F.cross_entropy(logits, labels)

    def take_step(self, loss):
        self.optimizer.zero_grad()
        loss.backward()
        self.clip()
        self.optimizer.step()

    def clip(self):
        if self.max_grad_norm is not None:
            nn.utils.clip_grad_norm_(self.model.parameters(), self.max_grad_norm)

    def end_epoch(self):
        loss = self.eval()["loss"]
        self.log("test/loss", self.epoch, loss)
        self.keep_the_best(loss)
        if self.scheduler is not None:
            self.scheduler.step()
        self.epoch += 1

    def keep_the_best(self, loss):
        if loss < self.best_loss:
            self.best_loss, self.best = loss, copy.deepcopy(self.model.state_dict())

    def log(self, tag, step, value):
        self.history.setdefault(tag, []).append((step, value))

    def eval(self):
        """Mean loss and accuracy over the test split."""
        modes = [module.training for module in self.model.modules()]
        self.model.eval()
        with torch.no_grad():
            found = self.totals()
        for module, mode in zip(self.model.modules(), modes, strict=True):
            module.training = mode
        return found

    def totals(self):
        loss = right = 0.0
        for inputs, labels in self.test_loader:
            logits, labels = self.model(inputs.to(self.device)), labels.to(self.device)
            loss += F.cross_entropy(logits, labels, reduction="sum").item()
            right += self.right(logits, labels)
        size = len(self.data.test_data)
        return {"loss": loss / size, "accuracy": right / size}

    def right(self, logits, labels):
        return (logits.argmax(dim=1) == labels).sum().item()

    def state(self):
        return {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "scheduler": self.scheduler and self.scheduler.state_dict(),
            "counts": (self.step, self.epoch, self.best_loss),
            "random": (torch.get_rng_state(), random.getstate()),
        }

    def save(self, path):
        temporary = path.with_suffix(".tmp")
        torch.save(self.state(), temporary)
        os.replace(temporary, path)

    def load(self, path):
        state = torch.load(path, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        if self.scheduler is not None:
            self.scheduler.load_state_dict(state["scheduler"])
        self.step, self.epoch, self.best_loss = state["counts"]
        torch.set_rng_state(state["random"][0])
        random.setstate(state["random"][1])


def one_batch(size: int = 8) -> SimpleNamespace:
    """Digits, of which some classes are there twice and others not at all."""
    batch = Subset(SAMPLE.test_data, range(size))
    return SimpleNamespace(train_data=batch, test_data=batch)


def set_up_classifier(case, cls=ClassifierTrainer, model=None, make_optimizer=adam_w, **common):
    """What an owner's test case has."""
    default = make_optimizer

    def new_trainer(model, data, *, batch_size, device="cpu", make_optimizer=default,
                    make_scheduler=None, **settings):  # fmt: skip
        optimizer = make_optimizer(model)
        if make_scheduler is not None:
            settings["scheduler"] = make_scheduler(optimizer)
        return cls(model, data, optimizer, batch_size, device, **common, **settings)

    case.num_classes = CLASSES
    case.new_trainer = new_trainer
    case.logged = lambda trainer: trainer.history
    case.best_weights = lambda trainer: trainer.best
    case.trainer = new_trainer(model or classifier(), one_batch(), batch_size=8)
