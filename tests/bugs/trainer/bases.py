"""Correct code that stands in parts, so that a bug can take the place of one."""

import math

import torch.nn.functional as F
from mnist_vae.trainer import Trainer, kl_divergence
from torch import nn
from torch.utils.data import DataLoader


class StepTrainer(Trainer):
    """Correct. Its parts stand alone, so that a bug can take the place of one."""

    def train_step(self, batch):
        recon_loss, kl_div_loss = self.losses(batch).values()
        loss = self.total(recon_loss, kl_div_loss)
        self.check_finite(loss.item())
        self.take_step(loss)
        self.log_losses(recon_loss, kl_div_loss, loss)
        self.step += 1
        return loss.item()

    def total(self, recon_loss, kl_div_loss):
        return recon_loss + kl_div_loss

    def check_finite(self, loss):
        if not math.isfinite(loss):
            raise FloatingPointError(f"The loss is {loss}.")

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
    return terms(recon_loss, kl_divergence(log_sigma, mu) / len(targets))


def terms(recon_loss, kl_div_loss):
    """Both losses under their names."""
    return {"recon_loss": recon_loss, "kl_div_loss": kl_div_loss}


class PlainLoader(DataLoader):
    """Stands in the place of the loop's own loader. It cannot go on within an epoch."""

    position = 0

    def state_dict(self):
        return {}

    def load_state_dict(self, state):
        pass
