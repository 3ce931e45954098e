"""Correct but unusual trainers, on which no check may fail."""

import math
import random
from collections.abc import Callable

import torch
import torch.nn.functional as F
from mnist_vae.batches import to_device
from mnist_vae.evaluation import evaluating
from mnist_vae.loading import TrainingLoader
from mnist_vae.model import VAE
from mnist_vae.trainer import Trainer, kl_divergence
from suites import AbstractTestVAETrainer
from torch import nn
from torch.utils.data import DataLoader, RandomSampler, Subset
from torch.utils.tensorboard import SummaryWriter
from torchvision.utils import make_grid

from ..bugs.trainer.bases import PlainLoader, StepTrainer, terms
from ..subjects import set_up_trainer
from ..varying import mark, trainer_case

LEARNING_RATE = 5e-3


class SmallVAE(VAE):
    """Learns a batch in as few steps as MLPVAE, and takes less time for each."""

    def __init__(self):
        super().__init__(bottleneck_dim=8)
        self.encoder = nn.Sequential(
            nn.Flatten(), nn.Linear(1024, 64), nn.ReLU(), nn.Linear(64, 16)
        )
        self.decoder = nn.Sequential(
            nn.Linear(8, 64),
            nn.ReLU(),
            nn.Linear(64, 1024),
            nn.Tanh(),
            nn.Unflatten(1, (1, 32, 32)),
        )


def adam(model) -> torch.optim.Optimizer:
    return torch.optim.Adam(model.parameters(), LEARNING_RATE)


class Dropped(nn.Module):
    """By a function: it is no nn.Dropout."""

    def forward(self, features):
        return F.dropout(features, 0.1, self.training)


class DroppingVAE(SmallVAE):
    def __init__(self):
        super().__init__()
        self.encoder.insert(2, Dropped())


def trainer(settings: dict | None = None, model: Callable = SmallVAE, **attributes):
    """For a subclass of Trainer with these settings; `attributes` are set on the test case."""

    def decorate(cls):
        def variant(case) -> dict:
            set_up_trainer(case, cls, model(), adam, **(settings or {}))
            return attributes

        return mark(cls, AbstractTestVAETrainer, variant)

    return decorate


def optimized(name: str, make_optimizer: Callable, cls: type = Trainer, **attributes):
    """The usual trainer with another optimizer."""

    def variant(case) -> dict:
        set_up_trainer(case, cls, SmallVAE(), make_optimizer)
        return attributes

    variant.__name__ = name
    return trainer_case(variant)


adam_w = optimized(
    "AdamW", lambda m: torch.optim.AdamW(m.parameters(), LEARNING_RATE, weight_decay=0.1)
)
n_adam = optimized("NAdam", lambda m: torch.optim.NAdam(m.parameters(), LEARNING_RATE))
tensor_rate = optimized(
    "TensorRate",
    lambda m: torch.optim.Adam(m.parameters(), torch.tensor(LEARNING_RATE), amsgrad=True),
)
fused_adam = optimized(
    "FusedAdam", lambda m: torch.optim.Adam(m.parameters(), LEARNING_RATE, fused=True)
)


@trainer()
class AccumulatesParts(StepTrainer):
    """Every batch goes through the model in parts, with one step for all of them."""

    def train_step(self, batch):
        self.optimizer.zero_grad()
        total = torch.zeros(2)
        for part in batch[0].split(2):
            losses = torch.stack([*self.losses([part]).values()]) * len(part) / len(batch[0])
            self.check_finite(losses.sum().item())
            losses.sum().backward()
            total += losses.detach()
        self.clip()
        self.optimizer.step()
        self.log_losses(*total, total.sum())
        self.step += 1
        return total.sum().item()


@trainer(stops_within_epochs=False)
class AccumulatesBatches(StepTrainer):
    """One step for two batches; at the end of an epoch for what is left."""

    def train(self, epochs):
        for _ in range(epochs):
            self.model.train()
            for number, batch in enumerate(self.train_loader):
                self.add_gradient(to_device(batch, self.device))
                if number % 2 == 1 or number == len(self.train_loader) - 1:
                    self.clip()
                    self.optimizer.step()
                    self.optimizer.zero_grad()
            self.end_epoch()

    def add_gradient(self, batch):
        recon_loss, kl_div_loss = self.losses(batch).values()
        loss = recon_loss + kl_div_loss
        self.check_finite(loss.item())
        (loss / 2).backward()
        self.log_losses(recon_loss, kl_div_loss, loss)
        self.step += 1


@trainer()
class WarmsUp(Trainer):
    """The learning rate rises from zero over ten steps. There is no scheduler to be given."""

    def __init__(self, model, data, optimizer, batch_size, device, log_dir, num_generated_images,
                 *, save_checkpoints=True):  # fmt: skip
        super().__init__(
            model, data, optimizer, batch_size, device, log_dir, num_generated_images,
            save_checkpoints=save_checkpoints,
        )  # fmt: skip
        self.rate = optimizer.param_groups[0]["lr"]

    def train_step(self, batch):
        self.optimizer.param_groups[0]["lr"] = self.rate * min(self.step / 10, 1)
        return super().train_step(batch)


@trainer(model=DroppingVAE, distributed=True)
class DropsFeaturesInTwoProcesses(Trainer):
    """Each process draws which ones for itself."""


@trainer()
class WarmsUpBesidesItsSchedule(Trainer):
    """The rate of the schedule times a factor that rises to one over twenty steps."""

    def train_step(self, batch):
        groups = self.optimizer.param_groups
        rates = [group["lr"] for group in groups]
        for group in groups:
            group["lr"] *= min((self.step + 1) / 20, 1)
        loss = super().train_step(batch)
        for group, rate in zip(groups, rates, strict=True):
            group["lr"] = rate
        return loss


@trainer(kl_weight=4.0)
class BetaVAE(StepTrainer):
    """See Higgins et al., "beta-VAE" (2017)."""

    weight = 4.0

    def total(self, recon_loss, kl_div_loss):
        return recon_loss + self.weight * kl_div_loss


@trainer(kl_weight=None)
class AnnealsKL(BetaVAE):
    """The weight of the KL divergence rises from zero in the first steps."""

    @property
    def weight(self):
        return min(self.step / 20, 1)


@trainer(kl_weight=None)
class LogsWeightedKL(AnnealsKL):
    """The term is zero at first, and logged as it is in the loss."""

    def losses(self, batch):
        recon_loss, kl_div_loss = super().losses(batch).values()
        return terms(recon_loss, min(self.step // 5 / 4, 1) * kl_div_loss)

    def total(self, recon_loss, kl_div_loss):
        return recon_loss + kl_div_loss


@trainer(stops_within_epochs=False)
class ShufflesByPythonsGenerator(Trainer):
    """Which the program seeds as it does torch's, and checkpoints hold."""

    def train(self, epochs):
        for _ in range(epochs):
            self.model.train()
            order = list(range(len(self.data.train_data)))
            random.shuffle(order)
            for batch in DataLoader(Subset(self.data.train_data, order), self.batch_size):
                self.train_step(to_device(batch, self.device))
            self.end_epoch()


@trainer(stops_within_epochs=False)
class ShufflesByItsOwnGenerator(Trainer):
    """Seeded when it is built, and held by checkpoints."""

    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        self.generator = torch.Generator().manual_seed(torch.initial_seed() % 2**31)
        sampler = RandomSampler(self.data.train_data, generator=self.generator)
        self.train_loader = PlainLoader(self.data.train_data, self.batch_size, sampler=sampler)

    def save(self, path):
        super().save(path)
        torch.save(self.generator.get_state(), path.with_suffix(".order"))

    def load(self, path):
        super().load(path)
        self.generator.set_state(torch.load(path.with_suffix(".order")))


@trainer(stops_within_epochs=False)
class StepsWithAClosure(StepTrainer):
    """As PyTorch's interface of optimizers has it."""

    def train_step(self, batch):
        evaluated = []

        def closure():
            self.optimizer.zero_grad()
            recon_loss, kl_div_loss = self.losses(batch).values()
            evaluated.append((recon_loss.item(), kl_div_loss.item()))
            if not math.isfinite(sum(evaluated[-1])):
                raise FloatingPointError(f"not finite: {evaluated[-1]}")
            (recon_loss + kl_div_loss).backward()
            self.clip()
            return recon_loss + kl_div_loss

        total = self.optimizer.step(closure).item()
        for name, value in zip(("recon", "kl_div"), evaluated[0], strict=True):
            self.summary.add_scalar(f"train/{name}_loss", value, self.step)
        self.summary.add_scalar("train/loss", total, self.step)
        self.step += 1
        return total


@trainer(overfit_epochs=400)
class CrossEntropy(Trainer):
    """On grey values in [0, 1], for which its lowest value is not zero."""

    def cross_entropy(self, outputs, images):
        as_probability = ((x + 1) / 2 for x in (outputs, images))
        return F.binary_cross_entropy(*as_probability, reduction="sum")

    def losses(self, batch):
        images = batch[0]
        mu, log_sigma = self.model.encode(images)
        outputs = self.model.decode(self.model.bottleneck(mu, log_sigma))
        recon_loss = self.cross_entropy(outputs, images) / len(images)
        return terms(recon_loss, kl_divergence(log_sigma, mu) / len(images))

    def eval(self):
        return self.mean_over_test_data(
            lambda batch: self.cross_entropy(self.reconstruct(batch[0]), batch[0]) / len(batch[0])
        )


@trainer()
class SumsOverTheBatch(Trainer):
    def losses(self, batch):
        recon_loss, kl_div_loss = super().losses(batch).values()
        return terms(recon_loss * len(batch[0]), kl_div_loss * len(batch[0]))


@trainer(overfit_epochs=400)
class AbsoluteError(Trainer):
    """A Laplace likelihood, whose gradients have one size everywhere: it learns at a lower rate."""

    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        self.optimizer.param_groups[0]["lr"] = LEARNING_RATE / 2

    def losses(self, batch):
        images = batch[0]
        mu, log_sigma = self.model.encode(images)
        outputs = self.model.decode(self.model.bottleneck(mu, log_sigma))
        recon_loss = F.l1_loss(outputs, images, reduction="sum") / len(images)
        return terms(recon_loss, kl_divergence(log_sigma, mu) / len(images))

    def eval(self):
        return self.mean_over_test_data(
            lambda batch: (self.reconstruct(batch[0]) - batch[0]).abs().sum() / len(batch[0])
        )


@trainer({"max_grad_norm": 50.0})
class ClipsGradients(Trainer):
    """See Pascanu et al., "On the difficulty of training recurrent neural networks" (2013)."""


@trainer(scheduler_interval="step")
class SchedulesSteps(Trainer):
    def train_step(self, batch):
        loss = super().train_step(batch)
        if self.scheduler is not None:
            self.scheduler.step()
        return loss

    def end_epoch(self):
        scheduler, self.scheduler = self.scheduler, None
        save, self.save_checkpoints = self.save_checkpoints, False
        super().end_epoch()
        self.scheduler, self.save_checkpoints = scheduler, save
        self.save_if_wanted()


@trainer(steps_between_logs=10)
class LogsEveryTenthStep(StepTrainer):
    def log_losses(self, *losses):
        if self.step % 10 == 0:
            super().log_losses(*losses)


@trainer(image_tags=("test/grid",))
class LogsOneGrid(Trainer):
    def log_evaluation(self):
        self.summary.add_scalar("test/loss", self.eval(), self.epoch)
        grid = make_grid((self.generate(self.num_generated_images) + 1) / 2)
        self.summary.add_image("test/grid", grid, self.epoch)


@trainer(samples_without_replacement=False)
class WeighsSamples(Trainer):
    """What a WeightedRandomSampler does: samples are drawn with replacement."""

    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        size = len(self.data.train_data)

        def order(generator):
            return torch.ones(size).multinomial(size, replacement=True, generator=generator)

        self.train_loader = TrainingLoader(
            self.data.train_data, self.batch_size, self.device, order=order
        )


@trainer(drops_last_batch=True)
class DropsLastBatch(Trainer):
    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        size = len(self.data.train_data)
        whole = size - size % self.batch_size

        def order(generator):
            return torch.randperm(size, generator=generator)[:whole]

        self.train_loader = TrainingLoader(
            self.data.train_data, self.batch_size, self.device, order=order
        )


@trainer()
class GeneratesFromThePrior(Trainer):
    def generate(self, n):
        return self.sample_prior(n)


@trainer()
class EvaluatesTrainingDataToo(Trainer):
    """Reports the loss on training data as well, in eval mode and without gradients."""

    def log_evaluation(self):
        super().log_evaluation()
        with evaluating(self.model), torch.random.fork_rng([]):
            losses = [self.losses([image.unsqueeze(0)]) for image, *_ in self.first()]
        total = sum(loss["recon_loss"].item() for loss in losses)
        self.summary.add_scalar("train/eval_loss", total, self.epoch)

    def first(self):
        return [self.data.train_data[i] for i in range(min(2, len(self.data.train_data)))]


@trainer()
class WithoutCheckpoints(Trainer):
    save = property()
    load = property()


@trainer()
class WrittenFromScratch:
    """Shares no code with Trainer: sums over the batch, own loops, no checkpoints."""

    def __init__(self, model, data, optimizer, batch_size, device, log_dir="./results",
                 num_generated_images=10, save_checkpoints=False):  # fmt: skip
        self.model, self.data, self.optimizer, self.device = (
            model.to(device),
            data,
            optimizer,
            device,
        )
        self.batch_size = batch_size
        self.num_generated_images = num_generated_images
        self.summary = SummaryWriter(log_dir)
        self.steps_done = self.epochs_done = 0

    def train(self, epochs):
        for _ in range(epochs):
            self.model.train()
            order = torch.randperm(len(self.data.train_data)).split(self.batch_size)
            for indices in order:
                images = torch.stack([self.data.train_data[i][0] for i in indices.tolist()])
                self.take_step(images.to(self.device))
            self.summary.add_scalar("test/loss", self.eval(), self.epochs_done)
            for i, image in enumerate(self.generate(self.num_generated_images)):
                self.summary.add_image(f"test/{i}", image.add(1).div(2).cpu(), self.epochs_done)
            self.epochs_done += 1

    def take_step(self, images):
        mu, log_sigma = self.model.encode(images)
        outputs = self.model.decode(self.model.bottleneck(mu, log_sigma))
        terms = {"recon": (outputs - images).square().sum(), "kl_div": kl_divergence(log_sigma, mu)}
        loss = sum(terms.values())
        if not math.isfinite(loss.item()):
            raise ValueError(f"The loss is {loss.item()} in step {self.steps_done}.")
        self.model.zero_grad()
        loss.backward()
        self.optimizer.step()
        for name, term in terms.items():
            self.summary.add_scalar(f"train/{name}_loss", term.item(), self.steps_done)
        self.summary.add_scalar("train/loss", loss.item(), self.steps_done)
        self.steps_done += 1

    @torch.no_grad()
    def eval(self):
        images = torch.stack([sample[0] for sample in self.test_samples()]).to(self.device)
        outputs = self.in_eval_mode(images)
        return (outputs - images).square().flatten(1).sum(dim=1).mean().item()

    @torch.no_grad()
    def generate(self, n):
        images = [sample[0] for sample in self.test_samples()[:n]]
        return self.in_eval_mode(torch.stack(images).to(self.device))

    def in_eval_mode(self, images):
        training = self.model.training
        self.model.eval()
        outputs = self.model.decode(self.model.encode(images)[0])
        self.model.train(training)
        return outputs

    def test_samples(self):
        return [self.data.test_data[i] for i in range(len(self.data.test_data))]


class BuiltInAnotherWay(Trainer):
    """Its constructor has its own arguments, so the suite cannot build another one."""

    def __init__(self, settings: dict):
        super().__init__(**settings)


@trainer_case
def built_in_another_way(case) -> dict:
    def from_arguments(model, data, optimizer, **settings):
        return BuiltInAnotherWay({"model": model, "data": data, "optimizer": optimizer, **settings})

    set_up_trainer(case, from_arguments, SmallVAE(), adam)
    return {}
