# SPDX-License-Identifier: MIT
"""Properties of targets of any kind: shape, type, values, and that they stay what they are."""

import torch
from torch import Tensor

from ..instruments.seeds import all_seeded
from .contract import DatasetContract
from .declared import fits, for_each, is_finite
from .labels import described, is_number
from .reading import copied, same
from .sampling import samples_at
from .vectors import sketch


class TargetTests(DatasetContract):
    """Tests of targets: labels, numbers, masks, boxes, sequences. Part of AbstractTestDataset."""

    def test_targets_have_the_declared_shape(self):
        """Every target has the declared shape and type, or those of the first, and is finite."""
        for name, split in self.readable_splits().items():
            with self.subTest(split=name), all_seeded(0):
                probes = self.probes(split)
                found = [self.targets(sample) for sample in samples_at(split, probes)]
                if not any(found):
                    self.skipTest(f"The samples of {name} have no target.")
                for index, targets in zip(probes, found, strict=True):
                    place = f"The target of {name}[{index}]"
                    self.check_parts(place, targets, found[0], f"{name}[{probes[0]}]")
                    for number, target in enumerate(targets):
                        if isinstance(target, Tensor):
                            self.check_target(place, number, target, targets, found[0])

    def check_parts(self, place: str, targets: list, first: list, first_place: str):
        """All targets of a split are made of the same parts."""
        kinds = [isinstance(target, Tensor) for target in targets]
        if kinds != [isinstance(target, Tensor) for target in first] and not self.collate():
            self.fail(
                f"{place} is {described(targets)}, that of {first_place} {described(first)}.\n"
                f"Is there a sample without a target? Where numbers vary, declare collate_fn."
            )

    def check_target(self, place: str, number: int, target: Tensor, targets: list, first: list):
        place = place if len(targets) == 1 else f"{place}, part {number},"
        shape, dtype = self.declared_for(place, number, len(targets))
        like = first[number] if len(targets) == len(first) else target
        if shape is None and target.shape != like.shape and not self.collate():
            shape = like.shape
        if shape is not None and not fits(target.shape, shape):
            self.fail(
                f"{place} has shape {tuple(target.shape)}; expected {tuple(shape)}.\n"
                f"Where sizes vary, declare target_shape with None for a free axis, and collate_fn."
            )
        if dtype is None and target.dtype == like.dtype:
            dtype = default_type(target)
        if dtype is None or target.dtype != dtype:
            self.fail(
                f"{place} is {target.dtype}; expected {dtype or like.dtype}.\nConvert it, or "
                f"declare target_dtype = {target.dtype}."
            )
        if not is_finite(target):
            self.fail(f"{place} has values that are not finite.\nIs there a gap in the data?")
        self.check_class(place, target)

    def declared_for(self, place: str, number: int, count: int) -> tuple:
        """Declared shape and type of a part of a target, each None where it is not declared."""
        try:
            shapes = for_each(self.target_shape, count)
            return shapes[number], for_each(self.target_dtype, count)[number]
        except ValueError as error:
            self.fail(f"{place} is made of {error}.\nDoes target_of return all of them?")

    def check_class(self, place: str, target: Tensor):
        """Integers are below the number of classes, where that is declared."""
        if self.num_classes is None or target.is_floating_point() or target.numel() == 0:
            return
        wrong = (target < 0) | (target >= self.num_classes)
        wrong &= target != self.ignore_index
        if wrong.any():
            self.fail(
                f"{place} has the class {target[wrong][0].item()}; num_classes is "
                f"{self.num_classes}, which are 0 to {self.num_classes - 1}.\nDoes the first class "
                f"have the number 1? If it stands for none, declare it as ignore_index."
            )

    def test_targets_stay_the_same(self):
        """An index has the same target each time it is read, unless it moves with the input."""
        for name, split in self.indexed_splits().items():
            with self.subTest(split=name), all_seeded(0):
                probes = self.probes(split, at_most=128 if name in self.augmented_splits else None)
                first = [copied(self.targets(sample)) for sample in samples_at(split, probes)]
                if not any(first):
                    self.skipTest(f"The samples of {name} have no target.")
                again = [self.targets(sample) for sample in samples_at(split, probes)]
                changed = [
                    i for i, a, b in zip(probes, first, again, strict=True) if not same(a, b)
                ]
                if changed:
                    self.require_movement(name, split, probes, first)
                    self.fail(
                        f"{len(changed)} of {len(probes)} targets of {name} are another one when "
                        f"read again, the first is that of {name}[{changed[0]}].\nAre they drawn "
                        f"at random, or changed in place? If they change with their input, declare "
                        f"targets_move_with_inputs."
                    )

    def require_movement(self, name: str, split, probes: list[int], targets: list[list]):
        """Skips where targets of augmented inputs may well change.

        What may: masks and boxes, and targets of what is drawn anew at each read, such as pairs. An
        index has an input of its own where nearly all reads are nearest to one of the same index.
        """
        if name not in self.augmented_splits:
            return
        if self.targets_move_with_inputs or not all(
            len(parts) == 1 and is_number(parts[0]) for parts in targets
        ):
            self.skipTest(f"Targets of {name} may change with their augmented inputs.")
        twice = [copied(self.inputs(split[index])) for _ in range(2) for index in probes]
        for parts in zip(*twice, strict=True):
            one, other = sketch([[part] for part in parts]).chunk(2)
            nearest = torch.cdist(one, other).argmin(dim=1)
            if (nearest == torch.arange(len(probes))).double().mean() < 0.9:
                self.skipTest(f"Inputs of {name} are drawn anew at each read, and so are targets.")


def default_type(target: Tensor) -> torch.dtype:
    """The type that a target should have where none is declared: of fractions the default one.

    A single number in float64 is what Python's floats are, and is left to who makes batches of it.
    """
    if target.is_floating_point() and target.dim() > 0:
        return torch.get_default_dtype()
    return target.dtype
