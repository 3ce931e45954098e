# SPDX-License-Identifier: MIT
"""What a test case of a command line declares, and how its trainer is built."""

from argparse import ArgumentParser
from functools import cached_property
from typing import Any

from torch import nn

from ...contract import Required
from ...instruments.seeds import all_seeded
from ..probing import TrainerProbe


class CommandLineContract(TrainerProbe):
    """Attributes and hooks of AbstractTestCommandLine."""

    options: Any = Required(
        'the options that the program is given, as {"--batch-size": 100, "--compile": True}, each '
        "with another value than its default"
    )
    trainer_from: Any = Required(
        "a method that returns the trainer which the program builds from a list of arguments; "
        "stopped_at(Trainer, 'train', program) stops a program where it begins to train"
    )
    shown: Any = Required(
        'a method that returns the options that a trainer was built with, as {"--batch-size": '
        "trainer.batch_size}"
    )
    # What some options are in the one test that trains an epoch, where it would take too long.
    quicker: dict[str, Any] = {}
    # The parser of the program, all of whose options are then asked for; and those that no trainer
    # shows, or that are the same in every test.
    parser: ArgumentParser | None = None
    not_shown: tuple[str, ...] = ()
    # The number of samples in train_data and test_data.
    num_samples: dict[str, int] | None = None
    # The learning rates of the whole run, one for each time that the scheduler is stepped.
    learning_rates: list[float] | None = None
    # The option that seeds all random numbers; None where there is none.
    seed_option: str | None = "--seed"

    @cached_property
    def trainer(self) -> Any:  # type: ignore[override]
        """What the program builds with all options."""
        return self.built(self.options)

    def built(self, options: dict[str, Any], outside: int = 0):
        """What the program builds, with generators that were seeded otherwise before."""
        with all_seeded(outside):
            trainer = self.trainer_from(as_arguments(options))
        self.record(trainer)
        return trainer

    def require_complete(self):
        if lacks := self.lacking(self.trainer):
            self.fail(lacks)

    def unsuitable_model(self, model: nn.Module) -> str:
        return ""  # of any kind: nothing is done with it but what the program does


def as_arguments(options: dict[str, Any]) -> list[str]:
    """The arguments of a command line; True stands for an option without a value."""
    return [name if value is True else f"{name}={value}" for name, value in options.items()]
