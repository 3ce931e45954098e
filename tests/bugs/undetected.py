"""Bugs that no check sees, each with the reason. benchmarks/detection.py counts them as missed."""

from functools import partial

import torch
from mnist_vae.dataset import MNISTSplit
from mnist_vae.model import MLPVAE
from mnist_vae.trainer import Trainer

from ..loss_batches import regression
from ..seeding import dataset_bug, loss_bug, trainer_bug, undetected, vae_bug
from ..subjects import SAMPLE


@undetected(
    dataset_bug, "A suite sees samples, not from which images their mean and spread were taken."
)
class StatisticsOfTheTestSplit(MNISTSplit):
    def __getitems__(self, indices):
        images = SAMPLE.test_data.images / 255
        mean, spread = images.mean(), images.std()
        samples = super().__getitems__(indices)
        return [(((image + 1) / 2 - mean) / spread * 0.1, label) for image, label in samples]


@undetected(trainer_bug, "Which weights a run should end with is not known to a suite.")
class BestWeightsByReference(Trainer):
    """state_dict() holds the weights themselves, so that the best ones go on being trained."""

    best_loss = float("inf")

    def log_evaluation(self):
        super().log_evaluation()
        if (loss := self.eval()) < self.best_loss:
            self.best_loss, self.best = loss, self.model.state_dict()

    def train(self, epochs):
        super().train(epochs)
        self.model.load_state_dict(self.best)


@undetected(
    vae_bug, "In training mode gradients are not compared: layers may be random or change there."
)
class DetachedInTrainingOnly(MLPVAE):
    """Half of every gradient is lost."""

    def decode(self, latent_code):
        if self.training:
            latent_code = (latent_code + latent_code.detach()) / 2
        return super().decode(latent_code)


@undetected(vae_bug, "Random changes in training mode are taken for augmentation.")
class DropoutWithoutRescaling(MLPVAE):
    def encode(self, inputs):
        if self.training:
            inputs = inputs * (torch.rand_like(inputs) > 0.3)
        return super().encode(inputs)


@undetected(
    partial(loss_bug, batch=regression),
    "Which quantile is meant is known to nobody but the owner: a reference would show it.",
)
def quantile_of_the_other_side(outputs, targets):
    """0.1 in place of 0.9: the sign of the error is wrong."""
    error = outputs - targets
    return torch.maximum(0.9 * error, -0.1 * error).mean()
