"""A base trainer with config, tracker and monitored metric, in the style of pytorch-template."""

import copy

import torch
import torch.nn.functional as F
from suites import AbstractTestClassifierTrainer
from torch import nn
from torch.optim import Adam
from torch.optim.lr_scheduler import StepLR

from . import loaders
from .classifier import one_batch


class MetricTracker:
    def __init__(self, writer):
        self.writer = writer
        self.reset()

    def reset(self):
        self.total, self.count = 0.0, 0

    def update(self, key, value, step, size):
        self.writer.setdefault(key, []).append((step, value))
        self.total += value * size
        self.count += size


class BaseTrainer:
    def __init__(self, model, optimizer, config):
        self.config = config
        self.model = model.to(config["device"])
        self.optimizer = optimizer
        self.epochs = config["epochs"]
        self.early_stop = config.get("early_stop", float("inf"))
        self.mnt_best, self.not_improved_count = float("inf"), 0
        self.best_state = None
        self.start_epoch = 1
        self.writer: dict[str, list] = {}

    def train(self):
        for epoch in range(self.start_epoch, self.epochs + 1):
            log = self._train_epoch(epoch)
            if log["val_loss"] < self.mnt_best:
                self.mnt_best, self.not_improved_count = log["val_loss"], 0
                self.best_state = copy.deepcopy(self.model.state_dict())
            else:
                self.not_improved_count += 1
            self.start_epoch = epoch + 1
            if self.not_improved_count >= self.early_stop:
                break

    def _save_checkpoint(self, path):
        state = {
            "arch": type(self.model).__name__,
            "epoch": self.start_epoch - 1,
            "state_dict": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "lr_scheduler": self.lr_scheduler.state_dict(),
            "monitor_best": self.mnt_best,
        }
        torch.save(state, path)

    def _resume_checkpoint(self, path):
        checkpoint = torch.load(path)
        self.start_epoch = checkpoint["epoch"] + 1
        self.mnt_best = checkpoint["monitor_best"]
        self.model.load_state_dict(checkpoint["state_dict"])
        self.optimizer.load_state_dict(checkpoint["optimizer"])
        self.lr_scheduler.load_state_dict(checkpoint["lr_scheduler"])


class Trainer(BaseTrainer):
    def __init__(self, model, optimizer, config, data_loader, valid_data_loader, lr_scheduler):
        super().__init__(model, optimizer, config)
        self.data_loader = data_loader
        self.valid_data_loader = valid_data_loader
        self.lr_scheduler = lr_scheduler
        self.metrics = MetricTracker(self.writer)

    def _train_epoch(self, epoch):
        self.model.train()
        self.metrics.reset()
        device = self.config["device"]
        for index, (data, target) in enumerate(self.data_loader):
            data, target = data.to(device), target.to(device)
            self.optimizer.zero_grad()
            loss = F.nll_loss(self.model(data), target)
            loss.backward()
            self.optimizer.step()
            step = (epoch - 1) * len(self.data_loader) + index
            self.metrics.update("loss", loss.item(), step, len(target))
        self.writer.setdefault("epoch_loss", []).append(
            (epoch, self.metrics.total / self.metrics.count)
        )
        log = {f"val_{key}": value for key, value in self._valid_epoch().items()}
        self.writer.setdefault("val_loss", []).append((epoch, log["val_loss"]))
        self.lr_scheduler.step()
        return log

    def _valid_epoch(self):
        self.model.eval()
        tracker, right = MetricTracker({}), 0
        with torch.no_grad():
            for data, target in self.valid_data_loader:
                output = self.model(data.to(self.config["device"])).cpu()
                tracker.update("loss", F.nll_loss(output, target).item(), 0, len(target))
                right += (output.argmax(dim=1) == target).sum().item()
        return {"loss": tracker.total / tracker.count, "accuracy": right / tracker.count}


class LeNet(nn.Sequential):
    def __init__(self):
        super().__init__(
            nn.AvgPool2d(4), nn.Conv2d(1, 6, 3), nn.ReLU(), nn.Dropout2d(0.1), nn.Flatten(),
            nn.Linear(216, 32), nn.ReLU(), nn.Linear(32, 10), nn.LogSoftmax(dim=1),
        )  # fmt: skip


def adam(model):
    return Adam(model.parameters(), lr=3e-3, amsgrad=True)


def halved(optimizer):
    return StepLR(optimizer, step_size=50, gamma=0.5)


class AdoptedPytorchTemplate(AbstractTestClassifierTrainer):
    num_classes = 10
    loss_tags, loss_tag, eval_tag, epoch_loss_tag = ("loss",), "loss", "val_loss", "epoch_loss"
    non_finite = None  # it never looks
    leaves_eval_mode = True
    restores_random_state = False  # checkpoints hold none

    def new_trainer(self, model, data, *, batch_size, device="cpu", make_optimizer=adam,
                    make_scheduler=halved):  # fmt: skip
        config, optimizer = {"device": device, "epochs": 0}, make_optimizer(model)
        scheduler = make_scheduler(optimizer)
        trainer = Trainer(model, optimizer, config, *loaders(data, batch_size), scheduler)
        trainer.data, trainer.eval = data, trainer._valid_epoch
        trainer.save, trainer.load = trainer._save_checkpoint, trainer._resume_checkpoint
        return trainer

    def train(self, trainer, epochs):
        trainer.epochs = trainer.start_epoch + epochs - 1
        trainer.train()

    def best_weights(self, trainer):
        return trainer.best_state

    def logged(self, trainer):
        return trainer.writer

    def setUp(self):
        self.trainer = self.new_trainer(LeNet(), one_batch(), batch_size=8)
