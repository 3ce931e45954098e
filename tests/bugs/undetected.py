"""Bugs that no check sees, each with the reason. benchmarks/detection.py counts them as missed."""

import torch
from mnist_vae.dataset import MNISTSplit
from mnist_vae.model import MLPVAE
from mnist_vae.trainer import Trainer

from ..seeding import dataset_bug, trainer_bug, undetected, vae_bug
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
