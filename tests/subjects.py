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


def set_up_trainer(
    case, cls: Callable = Trainer, model=None, make_optimizer: Callable = adam, **settings
):
    """Sets `trainer`, on a single batch of real digits, and `new_trainer` on a test case."""
    default, common = make_optimizer, settings

    def new_trainer(
        model, data, *, batch_size, device="cpu", make_optimizer=default, make_scheduler=None,
        **settings,
    ):  # fmt: skip
        optimizer = make_optimizer(model)
        if make_scheduler is not None:
            settings["scheduler"] = make_scheduler(optimizer)
        settings = {"save_checkpoints": False, **common, **settings}
        trainer = cls(
            model,
            data,
            optimizer,
            batch_size=batch_size,
            device=device,
            log_dir=temporary_folder(case),
            num_generated_images=min(2, len(data.test_data)),
            **settings,
        )
        return trainer

    batch = Subset(SAMPLE.test_data, range(4))
    data = types.SimpleNamespace(train_data=batch, test_data=batch)
    case.new_trainer = new_trainer
    case.trainer = new_trainer(model or MLPVAE((1, 32, 32), 16), data, batch_size=4)
    case.addCleanup(case.trainer.summary.close)


def temporary_folder(case) -> str:
    directory = tempfile.TemporaryDirectory()
    case.addCleanup(directory.cleanup)
    return directory.name


def set_up_adopted(case, adopted: type, **attributes):
    """Gives a test case all that an adopted loop declares, and sets it up."""
    for name, value in {**vars(adopted), **attributes}.items():
        if not name.startswith("__"):
            is_hook = isinstance(value, types.FunctionType)
            setattr(case, name, types.MethodType(value, case) if is_hook else value)
    adopted.setUp(case)
