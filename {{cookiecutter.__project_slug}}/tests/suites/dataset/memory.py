# SPDX-License-Identifier: MIT
"""Whose memory a sample is."""

import numpy as np
from torch import Tensor

from ..instruments.seeds import all_seeded
from .contract import DatasetContract
from .reading import copied, same


class MemoryTests(DatasetContract):
    """Tests of what else sees a change of a sample. Part of AbstractTestDataset."""

    def test_samples_keep_their_values(self):
        """A sample that was read is left alone when others, and it again, are read."""
        for name, split in self.indexed_splits().items():
            with self.subTest(split=name), all_seeded(0):
                probes = self.probes(split, at_most=4)
                held, before = [], []
                for index in probes:
                    held.append(self.inputs(split[index]))
                    before.append(copied(held[-1]))
                for index in probes:
                    self.inputs(split[index])
                for index, was, now in zip(probes, before, held, strict=True):
                    if not same(was, now):
                        self.fail(
                            f"{name}[{index}], once it was read, has other values after further "
                            f"reads.\nIs something written in place (x *= ..., x.sub_(...)) into "
                            f"what the dataset stores, or is one buffer used for all samples?"
                        )

    def test_samples_own_their_memory(self):
        """Where it is declared, writing into a sample does not change the dataset."""
        if not self.samples_are_copies:
            self.skipTest(
                f"{type(self).__name__}.samples_are_copies is not set: the DataLoader's own "
                f"batches are copies, whatever samples are."
            )
        for name, split in self.indexed_splits().items():
            with self.subTest(split=name), all_seeded(0):
                for index in self.probes(split, at_most=4):
                    # Both are held: memory that was given back may be taken again.
                    first, second = self.memory(split[index]), self.memory(split[index])
                    if any(share(one, other) for one in first for other in second):
                        self.fail(
                            f"{name}[{index}] is a view of the dataset: what is written into it "
                            f"is read again.\nReturn a copy, e.g. with .clone()."
                        )

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
