"""Bugs that the checks of suites/trainer/devices.py are meant for."""

import torch
from mnist_vae.trainer import Trainer

from ...seeding import trainer_bug

DEVICE = "test_batches_are_moved_to_the_device"


@trainer_bug(
    DEVICE,
    r"train\(\) gives the model inputs on cpu; the trainer is on meta",
    source="Humbatova et al. 2020, taxonomy (missing destination GPU device)",
)
class BatchesNotMoved(Trainer):
    def train(self, epochs):
        device, self.device = self.device, torch.device("cpu")
        super().train(epochs)
        self.device = device


@trainer_bug(
    DEVICE,
    r"eval\(\) gives the model inputs on cpu.*Move each batch",
    source="Humbatova et al. 2020, taxonomy (missing destination GPU device)",
)
class TestBatchesNotMoved(Trainer):
    def mean_over_test_data(self, mean):
        device, self.device = self.device, torch.device("cpu")
        loss = super().mean_over_test_data(mean)
        self.device = device
        return loss


@trainer_bug(
    DEVICE,
    r"generate\(\) gives the model inputs on cpu",
    source="Humbatova et al. 2020, taxonomy (missing destination GPU device)",
)
class GeneratedOnTheCPU(Trainer):
    def generate(self, n):
        device, self.device = self.device, torch.device("cpu")
        images = super().generate(n)
        self.device = device
        return images
