"""Trainers whose logs go on after a resume, and those in whose logs something may differ."""

import math
import time

import numpy as np
import torch
from mnist_vae.trainer import Trainer

from ..bugs.trainer.bases import StepTrainer
from .trainer import trainer


@trainer()
class SavesARunningMean(StepTrainer):
    """Of the losses, as a part of the checkpoint."""

    mean = 0.0

    def log_losses(self, recon_loss, kl_div_loss, loss):
        super().log_losses(recon_loss, kl_div_loss, loss)
        self.mean = 0.9 * self.mean + 0.1 * loss.item()
        self.summary.add_scalar("train/smooth_loss", self.mean, self.step)

    def save(self, path):
        super().save(path)
        torch.save(self.mean, path.with_suffix(".mean"))

    def load(self, path):
        super().load(path)
        self.mean = torch.load(path.with_suffix(".mean"))


@trainer()
class LogsTheTime(Trainer):
    """Which is another one in every run, and the steps since the program was started."""

    steps = 0

    def train_step(self, batch):
        self.steps += 1
        started = time.perf_counter()
        loss = super().train_step(batch)
        self.summary.add_scalar("time/step", time.perf_counter() - started, self.step - 1)
        return loss


@trainer(kl_weight=None)
class DrawsFromNumPy(StepTrainer):
    """Noise of the loop's own; the generated checkpoints hold the state of NumPy's generator."""

    def total(self, recon_loss, kl_div_loss):
        return recon_loss * (1 + 0.01 * np.random.rand()) + kl_div_loss


@trainer()
class SavesItsBestLoss(Trainer):
    """Beside the epochs it waits for a better one, which a new run begins with none of."""

    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        self.best_loss, self.bad_epochs, self.patience = math.inf, 0, 3
        self.counters = (*self.counters, "bad_epochs")

    def log_evaluation(self):
        super().log_evaluation()
        loss = self.eval()
        self.bad_epochs = 0 if loss < self.best_loss else self.bad_epochs + 1
        self.best_loss = min(self.best_loss, loss)

    def save(self, path):
        super().save(path)
        torch.save(self.best_loss, path.with_suffix(".best"))

    def load(self, path):
        super().load(path)
        self.best_loss = torch.load(path.with_suffix(".best"))
