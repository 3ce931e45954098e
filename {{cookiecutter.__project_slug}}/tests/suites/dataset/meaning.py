# SPDX-License-Identifier: MIT
"""Targets mean the same in every split: their kinds, types, classes and scales."""

import torch
from torch import Tensor

from ..instruments.seeds import all_seeded
from .contract import DatasetContract
from .labels import FALSE_ALARMS, described
from .sampling import samples_at

# With fewer numbers a spread is not known well enough.
ENOUGH = 50
# The largest ratio of spreads. Of normal numbers the logarithm of the distance between quartiles
# has a deviation of 1.17 / sqrt(n): with 50 in either split, 5 is seven deviations from 1.
LARGEST_RATIO = 5
# Integers above are no classes in a mask.
MOST_CLASSES = 256


class MeaningTests(DatasetContract):
    """Tests that compare targets between splits. Part of AbstractTestDataset."""

    def test_targets_mean_the_same_in_every_split(self):
        """Targets have the same type in every split, masks the same classes, numbers one scale."""
        found = {}
        for name, split in self.readable_splits(complete=True).items():
            with all_seeded(0):
                samples = samples_at(split, self.probes(split))
                targets = [self.targets(sample) for sample in samples]
                if any(targets):
                    found[name] = targets
        if len(found) < 2:
            self.skipTest("There are no two splits with targets that could be compared.")
        (first, expected), *others = found.items()
        for name, targets in others:
            with self.subTest(splits=(first, name)):
                self.check_kinds(first, expected[0], name, targets[0])
                for part, ours, theirs in zip(
                    range(len(expected[0])), columns(expected), columns(targets), strict=False
                ):
                    self.check_part(first, ours, name, theirs, part)

    def check_kinds(self, first: str, expected: list, name: str, targets: list):
        kinds = [list(map(type_of, parts)) for parts in (expected, targets)]
        if kinds[0] != kinds[1] and not self.collate():
            self.fail(
                f"Targets of {first} are {described(expected)} {kinds[0]}, those of {name} "
                f"{described(targets)} {kinds[1]}.\nIs one split read or converted in another way?"
            )

    def check_part(self, first: str, ours: list, name: str, theirs: list, part: int):
        if not all(isinstance(target, Tensor) for target in [*ours, *theirs]):
            return
        if ours[0].is_floating_point():
            self.check_scale(first, ours, name, theirs)
        elif ours[0].dim() >= 2:
            self.check_mask(first, ours, name, theirs)
            self.check_mask(name, theirs, first, ours)

    def check_mask(self, first: str, ours: list[Tensor], name: str, theirs: list[Tensor]):
        """Fails where a class that many masks of one split have is in none of the other's."""
        here, there = presence(ours), presence(theirs)
        if len(here.keys() | there.keys()) > MOST_CLASSES:
            return
        missing = [
            value
            for value, count in here.items()
            # All that have it, of both splits, would be in the first by chance.
            if value not in there
            and (len(ours) / (len(ours) + len(theirs))) ** count < FALSE_ALARMS / MOST_CLASSES
        ]
        if missing:
            self.fail(
                f"No target of {name} has the values {sorted(missing)[:10]}, which {first} has "
                f"in many.\nAre classes numbered in another way, or masks scaled (255 for 1)?"
            )

    def check_scale(self, first: str, ours: list[Tensor], name: str, theirs: list[Tensor]):
        """Compares each number of a target; of masks and images all of their values together."""
        one, other = numbers(ours), numbers(theirs)
        if one.shape[1] != other.shape[1] or min(len(one), len(other)) < ENOUGH:
            return
        for here, there in zip(one.T, other.T, strict=True):
            spreads = [spread(here), spread(there)]
            apart = max(here.min() - there.max(), there.min() - here.max())
            widths = max(here.max() - here.min(), there.max() - there.min())
            ratio = max(spreads) / max(min(spreads), 1e-300)
            if (min(spreads) > 0 and ratio > LARGEST_RATIO) or apart > widths > 0:
                self.fail(
                    f"Targets of {first} lie between {here.min():g} and {here.max():g}, those of "
                    f"{name} between {there.min():g} and {there.max():g}.\nIs one of them in other "
                    f"units, scaled twice or not at all? Take mean and spread of the training "
                    f"split for both."
                )


def type_of(target) -> object:
    return target.dtype if isinstance(target, Tensor) else type(target)


def columns(targets: list[list]) -> list[list]:
    """The first part of all targets, the second, ...; of targets that have them all."""
    width = min(map(len, targets))
    return [[parts[i] for parts in targets] for i in range(width)]


def presence(masks: list[Tensor]) -> dict[float, int]:
    """The number of masks that each value is in."""
    counts: dict[float, int] = {}
    for mask in masks:
        for value in mask.unique().tolist():
            counts[value] = counts.get(value, 0) + 1
    return counts


def numbers(targets: list[Tensor]) -> Tensor:
    """(n, numbers) of each target by itself where there are few, else (n, 1) of their means."""
    if len({target.shape for target in targets}) == 1 and targets[0].numel() <= 16:
        return torch.stack([target.double().flatten() for target in targets])
    means = [t.double().mean() for t in targets if t.numel()]
    return torch.stack(means)[:, None] if means else torch.zeros(0, 1)


def spread(values: Tensor) -> float:
    """The distance between the quartiles."""
    low, high = values.quantile(torch.tensor([0.25, 0.75], dtype=values.dtype))
    return (high - low).item()
