"""Small correct subjects that bugs and variants are made of."""

import tempfile
import types
from collections.abc import Callable

import torch
from mnist_vae.dataset import SAMPLE_ROOT, MNISTSplit, MyMNIST
from mnist_vae.model import CNNVAE, MLPVAE
from mnist_vae.trainer import Trainer
from torch import nn
from torch.utils.data import Subset

INPUT_SHAPE = (1, 8, 8)
SAMPLE = MyMNIST(SAMPLE_ROOT)


def small_mnist(cls: type = MNISTSplit, splits: tuple[str, ...] = ()):
    """A part of the sample of MNIST, in which a class takes the place of some splits."""
    kinds = {name: cls if name in splits else MNISTSplit for name in ("train_data", "test_data")}
    return types.SimpleNamespace(
        train_data=kinds["train_data"](SAMPLE.train_data.images[:100], SAMPLE.train_data.labels, 5),
        test_data=kinds["test_data"](SAMPLE.test_data.images[:50], SAMPLE.test_data.labels, 0),
    )


class LabelledVAE(CNNVAE):
    """Both halves see the label of a sample, one of four."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.label = nn.Embedding(4, 64)
        self.code_label = nn.Embedding(4, self.bottleneck_dim)

    def encode(self, inputs, label):
        return super().encode(inputs + self.label(label).view_as(inputs))

    def decode(self, latent_code, label):
        return super().decode(latent_code + self.code_label(label))

    def forward(self, inputs, label):
        return self.decode(self.bottleneck(*self.encode(inputs, label)), label)


def adam(model) -> torch.optim.Optimizer:
    return torch.optim.Adam(model.parameters(), lr=2e-3)


def one_batch_trainer(
    case, cls: type = Trainer, model=None, make_optimizer: Callable = adam, **settings
) -> Trainer:
    """A trainer on a single batch of real digits; it is closed when the test ends."""
    batch = Subset(SAMPLE.test_data, range(4))
    directory = tempfile.TemporaryDirectory()
    case.addCleanup(directory.cleanup)
    model = model or MLPVAE((1, 32, 32), 16)
    trainer = cls(
        model,
        types.SimpleNamespace(train_data=batch, test_data=batch),
        make_optimizer(model),
        batch_size=4,
        device="cpu",
        log_dir=directory.name,
        num_generated_images=2,
        save_checkpoints=False,
        **settings,
    )
    case.addCleanup(trainer.summary.close)
    return trainer
