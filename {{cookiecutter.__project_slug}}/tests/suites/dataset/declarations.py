# SPDX-License-Identifier: MIT
"""The attributes that a test case of a dataset sets or overrides, each with what it means."""

from collections.abc import Callable
from typing import Any

import torch

from ..contract import Required, Suite
from . import reading


class DatasetDeclarations(Suite):
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
    # Number of the first class: 1 where 0 is the background and no object has it, as in detection.
    first_class: int = 0
    # Part of the samples that each class has in every split, as a list or a dict.
    class_shares: list[float] | dict[int, float] | None = None
    # Whether targets are changed together with the augmented inputs, as masks and boxes are.
    targets_move_with_inputs: bool = False
    # How boxes are written, in pixels: "xyxy", "xywh" or "cxcywh", x to the right and y downwards.
    box_format: str | None = None
    # Whether a small model sees in 50 samples or more that targets depend on inputs, as in tables.
    guessable_targets: bool = False
    # Whether inputs are windows over a series, and targets the steps that follow them.
    targets_follow_inputs: bool = False
    # The target of pairs that show the same: they are more alike than others, and never one image.
    same_pair: float | None = None
    # Number of samples of each split by its name, where it should be checked.
    num_samples: dict[str, int] | None = None
    # Largest part of the inputs that may be blank: of one value throughout, or all the same.
    max_blank: float = 0.01
    # Features of a row, or channels of an image, that have mean 0 and spread 1 in the first split.
    standardised: tuple[int, ...] = ()
    # The index of words that are not in a vocabulary which was built from the first split alone.
    unknown_word: int | None = None
    # Names of the splits whose inputs are augmented at random. All others must never vary.
    augmented_splits: tuple[str, ...] = ("train_data",)
    # Names of the streams that are read in a new order in each epoch.
    shuffled_splits: tuple[str, ...] = ()
    # Whether an augmented image must stay nearer to itself than to any other image, as it does in a
    # rotation by a few degrees, but not where crops or mirror images are wanted.
    slight_augmentation: bool = False
    # Whether what is written into a sample must not be read again. A DataLoader's own batches are
    # copies, so that it does no harm there where samples are views of what is stored.
    samples_are_copies: bool = False
    # Whether an integer label follows the image, and whether images that are alike, pixel by pixel,
    # tend to have the same label, as they have in MNIST and much less so in photographs. Images of
    # one split are then also like those of the same label in another one.
    has_labels: bool = True
    labels_follow_images: bool = False
    # Whether an index past the end raises IndexError, and -1 is the last sample or is refused. A
    # DataLoader asks for neither, but `for sample in split` ends in no other way.
    strict_indices: bool = False
    # What makes a batch of a list of samples, where the DataLoader's own does not.
    collate_fn: Callable | None = None
    # What it fills short samples with, where it pads them.
    padding_value: float | None = None
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
