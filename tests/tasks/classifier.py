"""An image classifier: cross-entropy on the labels, with the accuracy beside it."""

import torch
import torch.nn.functional as F
from mnist_vae.dataset import SAMPLE_ROOT, MyMNIST
from mnist_vae.loop import Loop
from torch import nn


class Trainer(Loop):
    def losses(self, batch):
        images, labels = batch
        return {"cross_entropy": F.cross_entropy(self.model(images), labels)}

    def accuracy(self) -> float:
        """The share of test images that are recognised."""
        return self.mean_over_test_data(
            lambda batch: (self.model(batch[0]).argmax(dim=1) == batch[1]).float().mean()
        )

    def log_evaluation(self):
        super().log_evaluation()
        self.summary.add_scalar("test/accuracy", self.accuracy(), self.epoch)


def make_trainer(log_dir, **settings) -> Trainer:
    layers = [nn.Linear(1024, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 10)]
    model = nn.Sequential(nn.Flatten(), *layers)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    return Trainer(model, MyMNIST(SAMPLE_ROOT), optimizer, 100, "cpu", log_dir, **settings)
