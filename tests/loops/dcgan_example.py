"""Two networks in one long loop, in the style of pytorch/examples' DCGAN."""

from types import SimpleNamespace

import torch
from suites import AbstractTestGANTrainer
from torch import nn
from torch.optim import Adam
from torch.utils.data import TensorDataset

from . import loaders
from .gan import IMAGES

NZ = 6
CRITERION = nn.BCELoss()


def weights_init(module):
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(module.weight, 0.0, 0.02)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1.0, 0.02)


def generator():
    return nn.Sequential(
        nn.ConvTranspose2d(NZ, 8, 2, bias=False), nn.BatchNorm2d(8), nn.ReLU(True),
        nn.ConvTranspose2d(8, 4, 4, 2, 1, bias=False), nn.BatchNorm2d(4), nn.ReLU(True),
        nn.ConvTranspose2d(4, 1, 4, 2, 1, bias=False), nn.Tanh(),
    ).apply(weights_init)  # fmt: skip


def discriminator():
    return nn.Sequential(
        nn.Conv2d(1, 4, 4, 2, 1, bias=False), nn.LeakyReLU(0.2, inplace=True),
        nn.Conv2d(4, 8, 4, 2, 1, bias=False), nn.BatchNorm2d(8), nn.LeakyReLU(0.2, inplace=True),
        nn.Conv2d(8, 1, 2, bias=False), nn.Sigmoid(), nn.Flatten(0),
    ).apply(weights_init)  # fmt: skip


def train_epoch(net_d, net_g, optimizer_d, optimizer_g, loader, device, losses):
    for (real,) in loader:
        net_d.zero_grad()
        real = real.to(device)
        label = torch.full((len(real),), 1.0, device=device)
        CRITERION(net_d(real), label).backward()
        fake = net_g(torch.randn(len(real), NZ, 1, 1, device=device))
        label.fill_(0.0)
        CRITERION(net_d(fake.detach()), label).backward()
        optimizer_d.step()

        net_g.zero_grad()
        label.fill_(1.0)
        error = CRITERION(net_d(fake), label)
        error.backward()
        losses.append((len(losses), error.item()))
        optimizer_g.step()


def adam(net):
    return Adam(net.parameters(), 2e-4, betas=(0.5, 0.999))


def one_batch():
    batch = TensorDataset(IMAGES[:8])
    return SimpleNamespace(train_data=batch, test_data=batch)


class AdoptedDCGANExample(AbstractTestGANTrainer):
    updates = {"optimizer_g": ("g",), "optimizer_d": ("d",)}
    passes = {"optimizer_g": 1, "optimizer_d": 2}
    generator, discriminator = "g", "d"
    non_finite = None  # it never looks
    loss_tags = ("g",)
    resumes = False  # it saves the weights

    def new_trainer(self, model, data, *, batch_size, device="cpu"):
        return SimpleNamespace(
            model=model.to(device), data=data, device=device, optimizer_g=adam(model["g"]),
            optimizer_d=adam(model["d"]), loader=loaders(data, batch_size)[0], losses=[],
            save=lambda path: torch.save(model.state_dict(), path),
            load=lambda path: model.load_state_dict(torch.load(path)),
        )  # fmt: skip

    def train(self, trainer, epochs):
        nets = trainer.model.train()  # the script never leaves training mode
        for _ in range(epochs):
            train_epoch(nets["d"], nets["g"], trainer.optimizer_d, trainer.optimizer_g,
                        trainer.loader, trainer.device, trainer.losses)  # fmt: skip

    def logged(self, trainer):
        return {"g": trainer.losses}

    def setUp(self):
        model = nn.ModuleDict({"g": generator(), "d": discriminator()})
        self.trainer = self.new_trainer(model, one_batch(), batch_size=8)
