# SPDX-License-Identifier: MIT
"""How the tests of a dataset read what a test case declares: splits, samples, inputs, targets."""

import inspect
from collections.abc import Callable

from torch import Tensor, linspace
from torch.utils.data import DataLoader

from . import reading, vectors
from .declarations import DatasetDeclarations
from .reading import UnknownKind
from .sampling import Beginning, is_stream

# Of the test that reports what the suite cannot read; all others skip there.
KNOWN_KIND = "test_samples_are_of_a_known_kind"


class DatasetContract(DatasetDeclarations):
    """What all tests read with. The attributes that they read are those of DatasetDeclarations."""

    def inputs(self, sample) -> list[Tensor]:
        """The tensors of the input of a sample."""
        try:
            return reading.tensors_of(self.input_of(sample), "input")
        except UnknownKind as unknown:
            kind = str(unknown)
        return self.refuse(kind)

    def targets(self, sample) -> list:
        """The tensors of the target of a sample, and what is no number as it is; [] for None."""
        try:
            target = self.target_of(sample)
            return [] if target is None else reading.leaves(target)
        except UnknownKind as unknown:
            kind = str(unknown)
        return self.refuse(kind)

    def refuse(self, kind: str):
        """Fails in the one test that is meant for it, and skips in the others."""
        if self._testMethodName != KNOWN_KIND:
            self.skipTest(f"{KNOWN_KIND} says what this suite cannot read.")
        self.fail(
            f"{type(self).__name__} has {kind}.\nA sample is a tuple (input, target), a dict of "
            f"them, or an input, made of tensors, arrays, images and numbers.\nOverride "
            f"input_of(sample) and target_of(sample) to return such."
        )

    def all_splits(self) -> dict:
        """What splits() returns; refuses what cannot be read as a dataset."""
        try:
            splits = self.splits()
        except AttributeError as error:
            self.refuse(f"no splits train_data and test_data ({error}): override splits()")
        for name, split in splits.items():
            if isinstance(split, DataLoader):
                self.refuse(f"a DataLoader in place of a dataset as {name}")
            if is_stream(split) and not hasattr(split, "__iter__"):
                self.refuse(f"{name} of type {reading.kind_of(split)}, without an index")
            if not is_stream(split) and not hasattr(split, "__len__"):
                self.refuse(f"{name} of type {reading.kind_of(split)}, without a length")
        return splits

    def indexed_splits(self) -> dict:
        """Name and dataset of the splits that are read by index; skips where there are none."""
        splits = {n: split for n, split in self.all_splits().items() if not is_stream(split)}
        return splits or self.skipTest("No split is read by index: all are streams.")

    def streams(self) -> dict:
        """Name and dataset of the splits that are streams; skips where there are none."""
        splits = {n: split for n, split in self.all_splits().items() if is_stream(split)}
        return splits or self.skipTest("No split is a stream.")

    def readable_splits(self, complete: bool = False) -> dict:
        """Name and dataset of every split; of a stream its first samples, or all if `complete`."""
        splits = {
            name: Beginning(split, self.max_samples) if is_stream(split) else split
            for name, split in self.all_splits().items()
        }
        if complete:
            splits = {n: s for n, s in splits.items() if getattr(s, "complete", True)}
        return splits or self.skipTest(f"Every stream has more than {self.max_samples} samples.")

    def constant_splits(self) -> dict:
        """Name and dataset of the splits that are read by index and are not augmented."""
        splits = self.indexed_splits()
        return {name: split for name, split in splits.items() if name not in self.augmented_splits}

    def varying_splits(self) -> dict:
        """Name and dataset of the splits that are augmented; skips where there are none."""
        if not self.augmented_splits:
            self.skipTest(f"{type(self).__name__}.augmented_splits is empty.")
        splits = self.indexed_splits()
        varying = {name: splits[name] for name in self.augmented_splits if name in splits}
        return varying or self.skipTest("All augmented splits are streams.")

    def probes(self, split, at_most: int | None = None) -> list[int]:
        """Evenly spaced indices from the first to the last sample; fails on an empty split."""
        length = len(split)
        if length == 0:
            self.fail("The split is empty.\nIs the path right, and is anything filtered away?")
        count = min(length, at_most or self.max_samples)
        return linspace(0, length - 1, count).round().long().tolist()

    def vectors(self, samples: list) -> Tensor:
        """All values of the inputs of some samples, or sketches where sizes vary: (n, features)."""
        inputs = [self.inputs(sample) for sample in samples]
        values = vectors.exact(inputs)
        return vectors.sketch(inputs).double() if values is None else values

    def vectors_at(self, split, indices: list[int]) -> Tensor:
        """The same of samples that are read one by one, and copied before the next is read."""
        inputs = [reading.copied(self.inputs(split[index])) for index in indices]
        values = vectors.exact(inputs)
        return vectors.sketch(inputs).double() if values is None else values

    def collate(self) -> Callable | None:
        """The declared collate_fn."""
        return self.function("collate_fn")

    def function(self, name: str) -> Callable | None:
        """A declared function of one argument, on the class or not, or a method."""
        declared = inspect.getattr_static(self, name)
        if inspect.isfunction(declared) and len(inspect.signature(declared).parameters) == 1:
            return declared
        return getattr(self, name)
