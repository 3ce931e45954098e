# SPDX-License-Identifier: MIT
"""Random generators that a dataset owns, and what becomes of them in worker processes."""

import random
from collections.abc import Callable
from functools import partial

import numpy as np
import torch

from ..instruments.seeds import all_seeded
from .loading import LoadingTests
from .reading import copied, same

# Reads of one sample by each worker. An augmentation that acts on a fifth of all reads makes those
# of two workers equal with a probability of at most 0.68^64, that is 2e-11.
READS_IN_WORKER = 64
# Reads that show whether a dataset draws from something that the seeds do not reach. At 0.2 for
# each, none of 32 shows it with a probability below 1e-3; then nothing is said.
READS = 32


class GeneratorTests(LoadingTests):
    """Tests of generators beside the global ones. Part of AbstractTestDataset."""

    def test_own_generators_do_not_replay(self):
        """A generator of the dataset's own is not replayed in other workers and epochs.

        It is hidden behind others that do vary, such as torch's. Here all global ones have the
        same seed before each read: what still varies comes from a generator of the dataset's own,
        or from the system. If that is the same in two workers, each has a copy of it.
        """
        splits = {
            name: split
            for name, split in self.varying_splits().items()
            if self.varies_on_its_own(split)
        }
        if not splits:
            self.skipTest("With global generators seeded, reads do not vary: there are no others.")
        reads = {name: [(name, len(s) // 2)] * READS_IN_WORKER for name, s in splits.items()}
        with all_seeded(0):
            twice = [batch for batch in reads.values() for _ in range(2)]
            options = {"worker_init_fn": partial(seed, self.function("worker_init_fn"))}
            epoch = self.load_reads(splits, twice, 2, **options)
            next_epoch = self.load_reads(splits, list(reads.values()), 1, **options)
        for name in splits:
            with self.subTest(split=name):
                first, second = epoch[name]
                place = f"{name}[{len(splits[name]) // 2}]"
                self.check_replay(place, first, second, "two workers")
                self.check_replay(place, first, next_epoch[name][0], "two epochs")

    def varies_on_its_own(self, split) -> bool:
        """Whether reads vary although all global generators start at the same seed."""
        found = []
        for _ in range(READS):
            with all_seeded(0):
                found.append(copied(self.inputs(split[len(split) // 2])))
        return any(not same(read, found[0]) for read in found[1:])

    def check_replay(self, place: str, first: list, second: list, what: str):
        if all(map(same, first, second)):
            self.fail(
                f"{place} is augmented with a generator of the dataset's own, and {what} draw the "
                f"same {READS_IN_WORKER} times from it.\nEvery worker has a copy. Draw from a "
                f"global generator, which the DataLoader seeds in each worker, or declare the "
                f"worker_init_fn that seeds this one."
            )


def seed(own: Callable | None, worker: int):
    """Seeds as it is declared, then gives all workers the same global random numbers."""
    if own:
        own(worker)
    torch.manual_seed(0)
    np.random.seed(0)
    random.seed(0)
