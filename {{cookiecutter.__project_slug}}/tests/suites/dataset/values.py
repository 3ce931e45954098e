# SPDX-License-Identifier: MIT
"""Properties of the inputs: shape, type, range, and that they hold something."""

from collections import Counter

import torch
from torch import Tensor

from ..instruments.seeds import all_seeded
from .contract import DatasetContract
from .declared import fits, for_each, is_finite
from .reading import content_of
from .sampling import one_by_one, samples_at

# What (x - mean) / spread in float32 may be off a bound that was computed in float64, as a part of
# the range: a few units in the last place.
ROUNDING = 1e-6
# With fewer values in an input, all may be equal, and different samples may have the same ones.
ENOUGH_VALUES = 8


class ValueTests(DatasetContract):
    """Tests of inputs. Part of AbstractTestDataset."""

    def test_samples_have_the_declared_shape(self):
        """Every input has the declared shape and type, and finite values."""
        for name, split in self.readable_splits().items():
            with self.subTest(split=name), all_seeded(0):
                probes = self.probes(split)
                read = samples_at if hasattr(split, "__getitems__") else one_by_one
                for index, sample in zip(probes, read(split, probes), strict=True):
                    self.check_input(self.inputs(sample), f"{name}[{index}]")

    def check_input(self, tensors: list[Tensor], place: str):
        try:
            shapes = for_each(self.data_shape, len(tensors))
            types = for_each(self.data_dtype, len(tensors))
        except ValueError as error:
            self.fail(f"{place} is an input of {error}.\nDoes input_of return all of them?")
        for number, (tensor, shape, dtype) in enumerate(zip(tensors, shapes, types, strict=True)):
            part = place if len(tensors) == 1 else f"{place}, part {number} of its input,"
            self.check_tensor(tensor, part, shape, dtype)

    def check_tensor(self, tensor: Tensor, place: str, shape, dtype: torch.dtype | None):
        if not fits(tensor.shape, shape):
            self.fail(
                f"{place} has shape {tuple(tensor.shape)}, but data_shape is {tuple(shape)}.\n"
                f"Is the channel axis missing, or the padding?"
            )
        if dtype is None and tensor.dtype != torch.get_default_dtype():
            self.fail(
                f"{place} is {tensor.dtype}, but the models compute in "
                f"{torch.get_default_dtype()}.\nConvert it, e.g. with .float(), or declare "
                f"data_dtype = {tensor.dtype}."
            )
        if dtype is not None and tensor.dtype != dtype:
            self.fail(f"{place} is {tensor.dtype}, but data_dtype is {dtype}.\nConvert it.")
        if not is_finite(tensor):
            self.fail(
                f"{place} has values that are not finite.\n"
                f"Is it divided by a spread that is zero for this image?"
            )

    def test_values_fill_the_declared_range(self):
        """The values of every split lie in the declared range and use both halves of it."""
        low, high = self.declared_range()
        for name, split in self.readable_splits().items():
            with self.subTest(split=name), all_seeded(0):
                samples = samples_at(split, self.probes(split))
                bounds = [b for s in samples for b in map(extremes, self.inputs(s)) if b]
                if not bounds:
                    self.fail(f"All inputs of {name} are empty.\nIs everything filtered away?")
                lowest, highest = min(low for low, _ in bounds), max(high for _, high in bounds)
                self.check_range(name, lowest, highest, low, high)

    def declared_range(self) -> tuple[float, float]:
        """The range; skips where there is none, and where the default one is not meant."""
        if self.data_range is None:
            self.skipTest(f"{type(self).__name__}.data_range is None.")
        types = for_each(self.data_dtype, 1) if not isinstance(self.data_dtype, list | dict) else []
        if self.data_range == DatasetContract.data_range and not all(
            dtype is None or dtype.is_floating_point for dtype in types
        ):
            self.skipTest("data_range is the default one, which is not meant for integers.")
        return self.data_range

    def check_range(self, name: str, lowest: float, highest: float, low: float, high: float):
        found = f"{name} has values from {lowest:g} to {highest:g}"
        expected = f"data_range is [{low:g}, {high:g}]"
        rounding = ROUNDING * (high - low)
        if not (low - rounding <= lowest and highest <= high + rounding):
            beyond = max(low - lowest, highest - high)
            self.fail(
                f"{found}, but {expected}: {beyond:.3g} beyond.\n"
                f"Is this split scaled with the wrong constants, or not at all?"
            )
        if not (lowest < (low + high) / 2 < highest):
            self.fail(
                f"{found}, which is one half of what is declared: {expected}.\n"
                f"Is this split scaled twice, or to [0, 1] in place of [-1, 1]?"
            )

    def test_inputs_are_not_blank(self):
        """Hardly any input has one value throughout, and no single one stands for many others."""
        for name, split in self.readable_splits().items():
            with self.subTest(split=name), all_seeded(0):
                probes = self.probes(split)
                inputs = [self.inputs(sample) for sample in samples_at(split, probes)]
                if max(map(size_of, inputs)) < ENOUGH_VALUES:
                    self.skipTest(f"Inputs of {name} are a few values, which may well be equal.")
                blank = [
                    index
                    for index, tensors in zip(probes, inputs, strict=True)
                    if all(is_constant(tensor) for tensor in tensors)
                ]
                # One in a short split may be an accident of what was collected.
                if len(blank) > max(1, self.max_blank * len(probes)):
                    self.fail(
                        f"{len(blank)} of {len(probes)} inputs of {name} have one value "
                        f"throughout, the first is {name}[{blank[0]}].\nIs a file not found or not "
                        f"decoded, or a sample cleared? If they belong to it, raise max_blank."
                    )
                self.check_placeholder(name, probes, inputs)

    def check_placeholder(self, name: str, probes: list[int], inputs: list[list[Tensor]]):
        """Fails where one input is found often among others that hardly repeat themselves.

        In a table with few different rows all of them are found often, and no alarm is raised.
        """
        contents = [content_of(tensors) for tensors in inputs]
        ((content, count), *others) = Counter(contents).most_common()
        if count <= max(2, 5 * self.max_blank * len(probes)) or len(others) < 2:
            return
        repeated = sum(times - 1 for _, times in others)
        if repeated <= 0.01 * len(probes):
            self.fail(
                f"{count} of {len(probes)} inputs of {name} are one and the same, the first is "
                f"{name}[{probes[contents.index(content)]}], and all others differ.\nIs a "
                f"placeholder returned for what cannot be read? If they belong to it, raise "
                f"max_blank."
            )


def size_of(tensors: list[Tensor]) -> int:
    return sum(tensor.numel() for tensor in tensors)


def extremes(tensor: Tensor) -> tuple[float, float] | None:
    """Lowest and highest value, None of an empty tensor, and of True and False."""
    if tensor.numel() == 0 or tensor.dtype == torch.bool or tensor.is_complex():
        return None
    low, high = tensor.aminmax()
    return low.item(), high.item()


def is_constant(tensor: Tensor) -> bool:
    return tensor.numel() > 0 and bool((tensor == tensor.flatten()[0]).all())
