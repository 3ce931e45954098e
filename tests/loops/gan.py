"""A plain loop for a GAN, correct, in parts of which a bug can take the place of one."""

import argparse
import copy
import os
import random
from types import SimpleNamespace

import torch
import torch.nn.functional as F
from suites import stopped_at
from torch import nn
from torch.optim.lr_scheduler import ExponentialLR
from torch.utils.data import DataLoader, Subset, TensorDataset

from ..subjects import SAMPLE

NOISE = 4
IMAGES = torch.stack([SAMPLE.test_data[i][0][:, ::4, ::4] for i in range(16)])
PASSES = {"d_optimizer": 2, "g_optimizer": 1}


def networks() -> nn.Module:
    return nn.ModuleDict(
        {
            "generator": nn.Sequential(
                nn.Linear(NOISE, 24), nn.BatchNorm1d(24), nn.ReLU(), nn.Linear(24, 64), nn.Tanh(),
                nn.Unflatten(1, (1, 8, 8)),
            ),
            "discriminator": nn.Sequential(
                nn.Flatten(), nn.Linear(64, 24), nn.LeakyReLU(0.2), nn.Linear(24, 1)
            ),
        }
    )  # fmt: skip


def adam(network) -> torch.optim.Optimizer:
    return torch.optim.Adam(network.parameters(), 1e-3, betas=(0.5, 0.999))


class GANTrainer:
    """First a step of the discriminator, on a real and a generated batch, then one of the other."""

    def __init__(self, model, data, batch_size, device="cpu", make_optimizer=adam):
        self.model = model.to(device)
        self.device = device
        self.data = data
        self.generator, self.discriminator = model["generator"], model["discriminator"]
        self.g_optimizer = make_optimizer(self.generator)
        self.d_optimizer = make_optimizer(self.discriminator)
        self.loader = self.new_loader(data.train_data, batch_size)
        self.fixed_noise = torch.randn(16, NOISE, generator=torch.Generator().manual_seed(1))
        self.history = {"d": [], "g": []}

    def new_loader(self, dataset, batch_size):
        return DataLoader(dataset, batch_size, shuffle=True)

    def train(self, epochs):
        for _ in range(epochs):
            self.model.train()
            for (images,) in self.loader:
                self.train_step(images.to(self.device))

    def train_step(self, images):
        fakes = self.generator(self.noise(len(images)))
        self.step_of_discriminator(images, fakes)
        self.step_of_generator(fakes)

    def noise(self, size):
        return torch.randn(size, NOISE, device=self.device)

    def step_of_discriminator(self, images, fakes):
        self.d_optimizer.zero_grad()
        self.check(self.loss(self.discriminator(images), 1)).backward()
        self.check(self.loss(self.discriminator(fakes.detach()), 0)).backward()
        self.d_optimizer.step()

    def step_of_generator(self, fakes):
        self.g_optimizer.zero_grad()
        self.check(self.loss(self.discriminator(fakes), 1)).backward()
        self.g_optimizer.step()

    def loss(self, logits, label):
        return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, label))

    def check(self, loss):
        if not torch.isfinite(loss):
            raise FloatingPointError(f"The loss is {loss.item()}.")
        return loss

    @torch.no_grad()
    def generate(self, n):
        training = self.generator.training
        images = self.generator.eval()(self.fixed_noise[:n].to(self.device))
        self.generator.train(training)
        return images

    def state(self):
        parts = self.model, self.g_optimizer, self.d_optimizer
        states = [part.state_dict() for part in parts]
        return {"parts": states, "random": (torch.get_rng_state(), random.getstate())}

    def save(self, path):
        temporary = path.with_suffix(".tmp")
        torch.save(self.state(), temporary)
        os.replace(temporary, path)

    def load(self, path):
        state = torch.load(path, weights_only=True)
        for part, saved in zip(self.parts(), state["parts"], strict=False):
            part.load_state_dict(saved)
        torch.set_rng_state(state["random"][0])
        random.setstate(state["random"][1])

    def parts(self):
        return self.model, self.g_optimizer, self.d_optimizer


class AveragesGenerator(GANTrainer):
    """Pictures are those of an exponential moving average of the generator."""

    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        self.averaged = copy.deepcopy(self.generator).eval().requires_grad_(False)

    def step_of_generator(self, fakes):
        super().step_of_generator(fakes)
        with torch.no_grad():
            pairs = zip(self.averaged.parameters(), self.generator.parameters(), strict=True)
            for average, weight in pairs:
                average.lerp_(weight, 0.1)
            self.average_buffers()

    def average_buffers(self):
        for average, buffer in zip(self.averaged.buffers(), self.generator.buffers(), strict=True):
            average.copy_(buffer)

    @torch.no_grad()
    def generate(self, n):
        return self.averaged(self.fixed_noise[:n].to(self.device))

    def state(self):
        return {**super().state(), "averaged": self.averaged.state_dict()}

    def load(self, path):
        super().load(path)
        self.averaged.load_state_dict(torch.load(path, weights_only=True)["averaged"])


def set_up_gan(case, cls=GANTrainer, passes=PASSES):
    """What an owner's test case has."""

    def new_trainer(model, data, *, batch_size, device="cpu", make_optimizer=adam):
        return cls(model, data, batch_size, device, make_optimizer)

    case.updates = {"g_optimizer": ("generator",), "d_optimizer": ("discriminator",)}
    case.passes = passes
    case.new_trainer = new_trainer
    batch = Subset(TensorDataset(IMAGES), range(8))
    data = SimpleNamespace(train_data=batch, test_data=batch)
    case.trainer = new_trainer(networks(), data, batch_size=8)


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser()
    made.add_argument("--batch-size", type=int, default=32)
    made.add_argument("--epochs", type=int, default=10)
    return made


class ScheduledGANTrainer(GANTrainer):
    """As a program builds it; `train` steps no scheduler, which is not what is looked at."""

    scheduled = ("g_optimizer", "d_optimizer")

    def __init__(self, model, data, batch_size):
        super().__init__(model, data, batch_size)
        for name in self.scheduled:
            scheduler = ExponentialLR(getattr(self, name), 0.5)
            setattr(self, name.replace("optimizer", "scheduler"), scheduler)


def set_up_gan_program(case, cls=ScheduledGANTrainer):
    """What an owner's test case of a program that trains a GAN has."""

    def trainer_from(arguments):
        args = parser().parse_args(arguments)
        data = SimpleNamespace(train_data=TensorDataset(IMAGES), test_data=TensorDataset(IMAGES))
        trainer = cls(networks(), data, args.batch_size)
        built, case.epochs = stopped_at(cls, "train", lambda: trainer.train(args.epochs))
        return built

    case.trainer_from = trainer_from
    case.shown = lambda t: {"--batch-size": t.loader.batch_size, "--epochs": case.epochs}
    case.options, case.parser = {"--batch-size": 6, "--epochs": 3}, parser()
    case.seed_option = None
    case.num_samples = {"train_data": 16, "test_data": 16}
    case.learning_rates = [1e-3, 5e-4, 2.5e-4]
