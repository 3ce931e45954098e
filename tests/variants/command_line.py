"""Correct programs, in which no check of what they build may fail."""

import argparse
from types import SimpleNamespace

import torch
from suites import AbstractTestCommandLine, stopped_at
from torch.optim.lr_scheduler import LinearLR, OneCycleLR, ReduceLROnPlateau
from torch.utils.data import Subset

from ..loops.classifier import ClassifierTrainer, classifier
from ..loops.gan import ScheduledGANTrainer, set_up_gan_program
from ..programs import edited_program, set_up_program
from ..subjects import SAMPLE
from ..varying import mark

STEPS = 3  # in an epoch of 20 samples in batches of 8


def program(*edits):
    """For a name; the edits of the program change nothing of what it does."""

    def decorate(subject):
        def attributes_of(case) -> dict:
            set_up_program(case, edited_program(*edits))
            return {}

        return mark(subject, AbstractTestCommandLine, attributes_of)

    return decorate


@program()
class ProgramOfTheProject:
    """As it is."""


@program(
    ("        model,\n        data,\n        optimizer,\n", "        model=model, data=data,\n"),
    (
        "        args.batch_size,\n        device,\n        args.log_dir,\n",
        "        optimizer=optimizer, batch_size=args.batch_size, device=device,\n"
        "        log_dir=args.log_dir,\n",
    ),
)
class ArgumentsByName:
    """Another form of the same call."""


@program(
    (
        "torch.optim.Adam(model.parameters(), lr=args.learning_rate)",
        "torch.optim.Adam([{'params': half.parameters(), 'lr': args.learning_rate}"
        " for half in (model.encoder, model.decoder)])",
    )
)
class TwoGroups:
    """Both have the same learning rate."""


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser()
    made.add_argument("-b", "--batch-size", type=int, default=32)
    made.add_argument("--lr", type=float, default=0.1)
    made.add_argument("--epochs", type=int, default=10)
    made.add_argument("--gpu", action="store_true")
    return made


def main(arguments: list[str], make_scheduler):
    """A program of few options, which trains a classifier."""
    args = parser().parse_args(arguments)
    splits = Subset(SAMPLE.train_data, range(20)), Subset(SAMPLE.test_data, range(10))
    data = SimpleNamespace(train_data=splits[0], test_data=splits[1])
    model = classifier()
    optimizer = torch.optim.SGD(model.parameters(), args.lr)
    scheduler = make_scheduler(optimizer, args.epochs)
    trainer = ClassifierTrainer(model, data, optimizer, args.batch_size, scheduler=scheduler)
    trainer.train(args.epochs)


def small_program(learning_rates: list[float] | None, **declared):
    """For a function (optimizer, epochs) that makes the schedule of the small program."""

    def decorate(make_scheduler):
        def attributes_of(case) -> dict:
            def trainer_from(arguments):
                def run():
                    main(arguments, make_scheduler)

                trainer, case.epochs = stopped_at(ClassifierTrainer, "train", run)
                return trainer

            return {
                "trainer_from": trainer_from,
                "shown": lambda trainer: shown(trainer, case.epochs),
                "options": {"--batch-size": 8, "--lr": 0.5, "--epochs": 4},
                "parser": parser(),
                "not_shown": ("--gpu",),
                "seed_option": None,
                "num_samples": {"train_data": 20, "test_data": 10},
                "learning_rates": learning_rates,
                **declared,
            }

        return mark(make_scheduler, AbstractTestCommandLine, attributes_of)

    return decorate


def shown(trainer, epochs: int) -> dict:
    group = trainer.optimizer.param_groups[0]
    return {
        "--batch-size": trainer.train_loader.batch_size,
        "--lr": group.get("max_lr", group.get("initial_lr", group["lr"])),
        "--epochs": epochs,
    }


@small_program([0.05, 0.1625, 0.275, 0.3875])
def warms_up_to_the_end(optimizer, epochs):
    return LinearLR(optimizer, 0.1, total_iters=epochs)


@small_program([0.5] * 4)
def has_no_schedule(optimizer, epochs):
    return None


@small_program(None, parser=None)
def is_scheduled_by_steps(optimizer, epochs):
    """Its rates are not declared, and neither is its parser."""
    return OneCycleLR(optimizer, 0.5, total_steps=epochs * STEPS)


class OnPlateau(ReduceLROnPlateau):
    def step(self, metrics=0.0):
        super().step(metrics)


@small_program([0.5] * 4)
def follows_the_evaluation(optimizer, epochs):
    return OnPlateau(optimizer)


def gan_program(cls):
    """For a trainer of a GAN, as a small program builds it."""

    def attributes_of(case) -> dict:
        set_up_gan_program(case, cls)
        return {}

    return mark(cls, AbstractTestCommandLine, attributes_of)


@gan_program
class TwoNetworksAndSchedules(ScheduledGANTrainer):
    """The discriminator is called thrice for every batch, and the generator twice with noise."""


@gan_program
class GeneratorIsCalledFirst(ScheduledGANTrainer):
    def train_step(self, images):
        fakes = self.generator(self.noise(len(images)))
        self.step_of_generator(fakes)
        self.step_of_discriminator(images, fakes)
