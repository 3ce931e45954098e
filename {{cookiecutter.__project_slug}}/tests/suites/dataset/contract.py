# SPDX-License-Identifier: MIT
"""The attributes that a test case of a dataset sets or overrides, and how samples are read."""

import inspect
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader

from ..contract import Required, Suite
from . import reading, vectors
from .reading import UnknownKind
from .sampling import Beginning, is_stream

# Of the test that reports what the suite cannot read; all others skip there.
KNOWN_KIND = "test_samples_are_of_a_known_kind"


class DatasetContract(Suite):
    """Set `data` and `data_shape`. The other attributes have defaults; override them in the class.

    A sample is a tuple of an input (an image, say) and its target, a dict of them, or an input
    alone. Override `input_of` and `target_of` where that is not so.
    """

    data = Required("the dataset under test, with the splits train_data and test_data")
    # None stands for an axis of any length. Of several inputs: one for all, or one for each.
    data_shape: Any = Required("the shape of one input, e.g. (1, 32, 32)")
    # Lowest and highest value that an input may have; None where there are no bounds.
    data_range: tuple[float, float] | None = (-1.0, 1.0)
    # Type of the inputs, the default floating type where it is None. Of several: a list of them.
    data_dtype: torch.dtype | list | dict | None = None
    # The keys of a sample that is a dict, where their names do not say which is which.
    input_key: str | tuple[str, ...] | None = None
    target_key: str | tuple[str, ...] | None = None
    # Shape (None for any length) and type of the targets, of several as above; where they are None,
    # all have those of the first.
    target_shape: tuple | list | dict | None = None
    target_dtype: torch.dtype | list | dict | None = None
    # Number of classes where targets are indices of them, and the index that stands for none.
    num_classes: int | None = None
    ignore_index: int = -100
    # Part of the samples that each class has in every split, as a list or a dict.
    class_shares: list[float] | dict[int, float] | None = None
    # Whether targets are changed together with the augmented inputs, as masks and boxes are.
    targets_move_with_inputs: bool = False
    # Number of samples of each split by its name, where it should be checked.
    num_samples: dict[str, int] | None = None
    # Largest part of the inputs that may be blank: of one value throughout, or all the same.
    max_blank: float = 0.01
    # Names of the splits whose inputs are augmented at random. All others must never vary.
    augmented_splits: tuple[str, ...] = ("train_data",)
    # Names of the streams that are read in a new order in each epoch.
    shuffled_splits: tuple[str, ...] = ()
    # Whether an augmented image must stay nearer to itself than to any other image, as it does in a
    # rotation by a few degrees, but not where crops or mirror images are wanted.
    slight_augmentation: bool = False
    # Whether an integer label follows the image, and whether images that are alike, pixel by pixel,
    # tend to have the same label, as they have in MNIST and much less so in photographs.
    has_labels: bool = True
    labels_follow_images: bool = False
    # Whether an index past the end raises IndexError, and -1 is the last sample or is refused. A
    # DataLoader asks for neither, but `for sample in split` ends in no other way.
    strict_indices: bool = False
    # What makes a batch of a list of samples, where the DataLoader's own does not.
    collate_fn: Callable | None = None
    # What seeds a dataset's own generators in each worker, where a DataLoader is given that.
    worker_init_fn: Callable | None = None
    # Longer splits are probed at this many evenly spaced samples.
    max_samples: int = 1000
    # Worker processes of the test of multi-process loading.
    num_workers: int = 2

    def splits(self) -> dict:
        """Name and dataset of every split. Override it to add one, and call super()."""
        return {"train_data": self.data.train_data, "test_data": self.data.test_data}

    def input_of(self, sample):
        """The input of a sample, or of a batch: a tensor, an image, a number, or several."""
        if (fields := reading.fields_of(sample)) is not None:
            keys = self.input_key
            return reading.taken(fields, keys) if keys else reading.usual_input(fields)
        return sample[0] if isinstance(sample, tuple | list) and sample else sample

    def target_of(self, sample):
        """The target of a sample, or of a batch; None where there is none."""
        if (fields := reading.fields_of(sample)) is not None:
            keys = self.target_key
            return reading.taken(fields, keys) if keys else reading.usual_target(fields)
        return sample[1] if isinstance(sample, tuple | list) and len(sample) > 1 else None

    # How the tests read what the hooks above give.

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
        return torch.linspace(0, length - 1, count).round().long().tolist()

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
