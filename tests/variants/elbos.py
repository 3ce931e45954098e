"""Trainers that minimise another bound than the usual one, or have parameters in their loss."""

import math

import torch
from mnist_vae.trainer import Trainer
from torch import nn

from ..bugs.trainer.bases import passed, terms
from .trainer import LEARNING_RATE, trainer

FREE = 0.05  # nats for each latent dimension


@trainer(kl_weight=None)
class GivesFreeBits(Trainer):
    """No dimension is pulled below a few nats, on the mean over a batch.

    See Kingma et al., "Improving Variational Inference with Inverse Autoregressive Flow" (2016).
    """

    def losses(self, batch):
        images = batch[0]
        outputs, mu, log_sigma = passed(self, images)
        recon_loss = (outputs - images).square().sum() / len(images)
        divergence = 0.5 * (mu.square() + (2 * log_sigma).exp() - 1) - log_sigma
        return terms(recon_loss, divergence.mean(dim=0).clamp(min=FREE).sum())


def noise_of(model) -> nn.Parameter:
    """The logarithm of the standard deviation of the decoder, beside the layers of the model."""
    if not hasattr(model, "log_noise"):
        model.register_parameter("log_noise", nn.Parameter(torch.zeros(())))
    return model.log_noise


@trainer(overfit_factor=0.5)
class LearnsTheDecodersVariance(Trainer):
    """See Rybkin et al., "Simple and Effective VAE Training with Calibrated Decoders" (2021)."""

    def __init__(self, model, data, optimizer, *arguments, **settings):
        super().__init__(model, data, optimizer, *arguments, **settings)
        noise = noise_of(model)
        if all(p is not noise for group in optimizer.param_groups for p in group["params"]):
            optimizer.add_param_group({"params": [noise], "lr": LEARNING_RATE})

    def density(self, outputs, images):
        """The negative logarithm of the density of a batch, in nats."""
        noise = self.model.log_noise
        error = (outputs - images).square().sum() / (2 * (2 * noise).exp())
        return error + images.numel() * (noise + 0.5 * math.log(2 * math.pi))

    def losses(self, batch):
        images = batch[0]
        outputs, mu, log_sigma = passed(self, images)
        divergence = (0.5 * (mu.square() + (2 * log_sigma).exp() - 1) - log_sigma).sum()
        return terms(self.density(outputs, images) / len(images), divergence / len(images))

    def eval(self):
        return self.mean_over_test_data(
            lambda batch: self.density(self.reconstruct(batch[0]), batch[0]) / len(batch[0])
        )
