# SPDX-License-Identifier: MIT
"""Properties of reading by index: what an index means, and what reading leaves behind."""

import pickle
import random

import numpy as np
import torch
from torch import Tensor

from ..instruments.seeds import all_seeded
from .contract import DatasetContract
from .reading import content_of, copied, same
from .values import ENOUGH_VALUES, size_of


class AccessTests(DatasetContract):
    """Tests of `split[index]` and `len(split)`. Part of AbstractTestDataset."""

    def test_index_ends_at_the_length(self):
        """Reading past the end raises IndexError, and iterating ends after len samples."""
        self.require_strict_indices()
        for name, split in self.indexed_splits().items():
            with self.subTest(split=name), all_seeded(0):
                length = len(split)
                split[length - 1]
                for index in (length, length + 10):
                    self.check_past_the_end(name, split, index)
                # Without a method of its own, iterating ends at the IndexError that was just seen.
                if hasattr(type(split), "__iter__") and length <= self.max_samples:
                    found = sum(1 for _ in zip(range(length + 1), split, strict=False))
                    if found != length:
                        self.fail(
                            f"Iterating over {name} gives {found} samples or more, but its length "
                            f"is {length}.\nDo __len__ and __getitem__ agree?"
                        )

    def require_strict_indices(self):
        if not self.strict_indices:
            self.skipTest(
                f"{type(self).__name__}.strict_indices is not set: a DataLoader reads from 0 to "
                f"len - 1 only."
            )

    def check_past_the_end(self, name: str, split, index: int):
        question = "Iteration ends at an IndexError only. Is the index wrapped around or clamped?"
        try:
            split[index]
        except IndexError:
            return
        except Exception as error:  # whatever the dataset raises in its place
            self.fail(
                f"{name}[{index}] raises {type(error).__name__} where the length is {len(split)}; "
                f"expected IndexError.\n{question}"
            )
        self.fail(f"{name}[{index}] returns a sample, but the length is {len(split)}.\n{question}")

    def test_negative_index(self):
        """Index -1 is the last sample, or is refused."""
        self.require_strict_indices()
        for name, split in self.constant_splits().items():
            with self.subTest(split=name), all_seeded(0):
                try:
                    found = copied(self.inputs(split[-1]))
                except (IndexError, ValueError, TypeError, KeyError):
                    continue
                if not same(found, self.inputs(split[len(split) - 1])):
                    self.fail(
                        f"{name}[-1] is not the last sample, and is not refused.\n"
                        f"Is an offset added to the index?"
                    )

    def test_index_decides_the_sample(self):
        """The order of access changes nothing, and different indices give different samples."""
        for name, split in self.constant_splits().items():
            with self.subTest(split=name), all_seeded(0):
                probes = self.probes(split)
                forwards = [copied(self.inputs(split[index])) for index in probes]
                backwards = [copied(self.inputs(split[index])) for index in probes[::-1]][::-1]
                if not all(map(same, forwards, backwards)):
                    self.fail(
                        f"{name} returns other samples when it is read backwards.\n"
                        f"Is there a counter or a shared cursor in place of the index? Or is it "
                        f"augmented?"
                    )
                self.check_distinct(name, probes, forwards)

    def check_distinct(self, name: str, probes: list[int], inputs: list[list[Tensor]]):
        if max(map(size_of, inputs)) < ENOUGH_VALUES:
            return
        distinct = len({content_of(tensors) for tensors in inputs})
        if distinct < len(probes) / 2:
            self.fail(
                f"{name} has {distinct} different images at {len(probes)} indices.\n"
                f"Is the index ignored?"
            )

    def test_reading_leaves_the_random_generator_alone(self):
        """Reading a sample does not seed a global random generator."""
        for name, split in self.indexed_splits().items():
            with self.subTest(split=name):
                states: list[list] = []
                for seed in (0, 1):
                    with all_seeded(seed):
                        split[0]
                        states.append([read() for read in STATES.values()])
                for what, one, other in zip(STATES, *states, strict=True):
                    if one == other:
                        self.fail(
                            f"Reading {name}[0] sets the global random generator to a fixed state"
                            f".\nIs {what} called in __getitem__? Shuffling, dropout and sampling "
                            f"then repeat themselves."
                        )

    def test_pickles(self):
        """Every split can be pickled, and its copy has the same samples."""
        for name, split in self.all_splits().items():
            with self.subTest(split=name):
                try:
                    copy = pickle.loads(pickle.dumps(split))
                except Exception as error:  # pickle raises many kinds
                    self.fail(
                        f"{name} cannot be pickled: {error}\nmacOS, Windows and Python 3.14 "
                        f"start the workers of a DataLoader by pickling. Does the dataset hold a "
                        f"lambda, a lock or an open file?"
                    )
                if name in self.indexed_splits():
                    self.check_copy(copy, split, name)

    def check_copy(self, copy, split, name: str):
        if len(copy) != len(split):
            self.fail(f"{name} has {len(split)} samples, and {len(copy)} once it was pickled.")
        if name in self.augmented_splits:
            return
        for index in self.probes(split):
            if not same(self.inputs(copy[index]), self.inputs(split[index])):
                self.fail(
                    f"{name}[{index}] is another image once {name} was pickled.\n"
                    f"Which attribute is lost or built anew in a copy?"
                )


# How each generator is seeded, and what tells one of its states from another.
STATES = {
    "torch.manual_seed": lambda: torch.get_rng_state().numpy().tobytes(),
    "np.random.seed": lambda: [np.asarray(part).tobytes() for part in tuple(np.random.get_state())],
    "random.seed": random.getstate,
}
