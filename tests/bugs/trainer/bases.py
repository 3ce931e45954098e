"""Correct code that stands in parts, so that a bug can take the place of one."""

import math

import torch.nn.functional as F
from mnist_vae.trainer import Trainer, kl_divergence
from torch import nn


class StepTrainer(Trainer):
    """Correct. Its parts stand alone, so that a bug can take the place of one."""

    def train_step(self, images):
        recon_loss, kl_div_loss = self.losses(images)
        loss = self.total(recon_loss, kl_div_loss)
        self.check_finite(loss=loss.item())
        self.take_step(loss)
        self.log_losses(recon_loss, kl_div_loss, loss)
        self.step += 1
        return loss.item()

    def total(self, recon_loss, kl_div_loss):
        return recon_loss + kl_div_loss

    def log_losses(self, recon_loss, kl_div_loss, loss):
        self.summary.add_scalar("train/recon_loss", recon_loss.item(), self.step)
        self.summary.add_scalar("train/kl_div_loss", kl_div_loss.item(), self.step)
        self.summary.add_scalar("train/loss", loss.item(), self.step)

    def take_step(self, loss):
        self.optimizer.zero_grad()
        loss.backward()
        self.clip()
        self.optimizer.step()

    def clip(self):
        nn.utils.clip_grad_norm_(self.model.parameters(), self.max_grad_norm or math.inf)


def passed(trainer, images):
    """What the model returns for a batch: outputs, mu and log_sigma."""
    mu, log_sigma = trainer.model.encode(images)
    outputs = trainer.model.decode(trainer.model.bottleneck(mu, log_sigma))
    return outputs, mu, log_sigma


def per_image(outputs, targets, mu, log_sigma):
    """Both losses as they should be."""
    recon_loss = F.mse_loss(outputs, targets, reduction="sum") / len(targets)
    return recon_loss, kl_divergence(log_sigma, mu) / len(targets)
