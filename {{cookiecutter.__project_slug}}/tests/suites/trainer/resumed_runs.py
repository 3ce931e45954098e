# SPDX-License-Identifier: MIT
"""Runs that are interrupted and resumed, and how their random numbers are made the same."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from unittest import mock

from torch.optim.lr_scheduler import StepLR
from torch.utils.data import DataLoader

from ..instruments.seeds import set_seeds
from .resumed_log import ResumedLog
from .snapshot import is_random_state

EPOCHS = 3


class ResumedRuns(ResumedLog):
    """Builds and trains such runs. Part of CheckpointTests."""

    def resumable(self, seed: int, **others):
        """A trainer on augmented data, with a scheduler, where it takes one."""
        settings = {"make_scheduler": partial(StepLR, step_size=1, gamma=0.5)}
        data = self.probe_data(augmented=True)
        return self.probe_trainer(
            seed=seed, data=data, **(settings if self.takes("make_scheduler") else {}), **others
        )

    def train_until(self, trainer, steps: int):
        """Requests a stop after so many steps, here the first one of the second epoch."""
        train_step, taken = trainer.train_step, itertools.count(1)

        def counted_step(*arguments):
            result = train_step(*arguments)
            trainer.stop_requested = next(taken) == steps
            return result

        trainer.train_step = counted_step
        self.train(trainer, EPOCHS)

    def train_without_interruption(self, trainer):
        if self.restores_random_state:
            return self.train(trainer, EPOCHS)
        self.train(trainer, 1)
        with self.seeded_unless_restored():
            self.train(trainer, EPOCHS - 1)

    @contextmanager
    def seeded_unless_restored(self) -> Iterator[None]:
        """Where checkpoints hold no random states, both runs get the same ones in every epoch.

        Seeding before train() is not enough: a second call of one trainer may go through its
        loader once more than the first call of another, as Lightning's does.
        """
        if self.restores_random_state:
            yield
            return
        iterate = DataLoader.__iter__

        def seeded_iterate(loader):
            set_seeds(3)
            return iterate(loader)

        set_seeds(3)
        with mock.patch.object(DataLoader, "__iter__", seeded_iterate):
            yield

    def is_restored(self, key: str) -> bool:
        return self.restores_random_state or not is_random_state(key)
