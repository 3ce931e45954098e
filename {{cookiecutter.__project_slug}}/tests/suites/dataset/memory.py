# SPDX-License-Identifier: MIT
"""Whose memory a sample is."""

import numpy as np
from torch import Tensor
from torch.utils.data import ConcatDataset, StackDataset, Subset, TensorDataset

from ..instruments.seeds import all_seeded
from .contract import DatasetContract
from .reading import same


class MemoryTests(DatasetContract):
    """Tests of what else sees a change of a sample. Part of AbstractTestDataset."""

    def test_samples_own_their_memory(self):
        """Writing into a sample does not change the dataset."""
        for name, split in self.indexed_splits().items():
            with self.subTest(split=name), all_seeded(0):
                if gives_views(split):
                    self.skipTest(f"{name} is a list or made of TensorDatasets, which give views.")
                if self.gives_windows(split):
                    self.skipTest(f"Samples of {name} are windows over one series.")
                for index in self.probes(split, at_most=4):
                    # Both are held: memory that was given back may be taken again.
                    first, second = self.memory(split[index]), self.memory(split[index])
                    if any(share(one, other) for one in first for other in second):
                        self.fail(
                            f"{name}[{index}] is a view of the dataset: what is written into it "
                            f"is read again.\nReturn a copy, e.g. with .clone()."
                        )

    def gives_windows(self, split) -> bool:
        """Whether neighbouring samples overlap in memory."""
        middle = len(split) // 2
        if middle + 1 >= len(split):
            return False
        first, second = self.memory(split[middle]), self.memory(split[middle + 1])
        overlap = [share(one, other) for one in first for other in second]
        equal = same(self.inputs(split[middle]), self.inputs(split[middle + 1]))
        return any(overlap) and not equal

    def memory(self, sample) -> list:
        """The arrays and tensors in an input that can be written into, as they were returned."""
        value = self.input_of(sample)
        parts = list(value.values()) if isinstance(value, dict) else value
        parts = parts if isinstance(parts, tuple | list) else [parts]
        return [part for part in parts if is_writable(part)]


def is_writable(value) -> bool:
    if isinstance(value, np.ndarray):
        return value.flags.writeable and value.size > 1
    return isinstance(value, Tensor) and value.numel() > 1


def share(one, other) -> bool:
    """Whether two tensors or arrays have memory in common."""
    return spans(one)[0] < spans(other)[1] and spans(other)[0] < spans(one)[1]


def spans(value) -> tuple[int, int]:
    """The first address of the memory of a tensor or an array, and the one behind the last."""
    if isinstance(value, np.ndarray):
        start, size, strides = value.__array_interface__["data"][0], value.itemsize, value.strides
    else:
        start, size = value.data_ptr(), value.element_size()
        strides = tuple(size * step for step in value.stride())
    reach = [(n - 1) * step for n, step in zip(value.shape, strides, strict=True)]
    return start + sum(min(0, r) for r in reach), start + sum(max(0, r) for r in reach) + size


def gives_views(split) -> bool:
    """Whether samples are what a list or one of PyTorch's own datasets of tensors holds."""
    if isinstance(split, Subset):
        return gives_views(split.dataset)
    if isinstance(split, ConcatDataset):
        return all(map(gives_views, split.datasets))
    return type(split) in (list, tuple, TensorDataset, StackDataset)
