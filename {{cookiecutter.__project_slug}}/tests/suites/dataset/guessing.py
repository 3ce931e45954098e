# SPDX-License-Identifier: MIT
"""How well targets can be guessed from inputs: a small model, fitted to half of the samples."""

from dataclasses import dataclass

import torch
from torch import Tensor

from . import chance
from .reading import same
from .vectors import sketch

# Numbers are guessed as one of so many ranges that hold equally many of them.
RANGES = 4


@dataclass
class Guesses:
    """How many of `count` classes were guessed right, and the probability of one by chance."""

    hits: int
    count: int
    by_chance: float

    def by_luck(self) -> float:
        """The probability of so many hits where targets stand in any order."""
        return chance.at_least(self.hits, self.count, self.by_chance)

    def half_as_good(self, other: "Guesses") -> float:
        """The probability of so few hits here, were these half as far from chance as others."""
        excess = (other.hits / other.count - other.by_chance) / (1 - other.by_chance)
        expected = self.by_chance + excess / 2 * (1 - self.by_chance)
        return chance.at_most(self.hits, self.count, expected)

    def __str__(self) -> str:
        return f"{self.hits} of {self.count}"


def judged(guessed: Tensor, classes: Tensor) -> Guesses:
    """Guesses that were made without these classes. By chance, each meets any of them."""
    width = int(max(guessed.max(), classes.max())) + 1
    parts = [torch.bincount(c, minlength=width).double() / len(c) for c in (guessed, classes)]
    by_chance = min((parts[0] * parts[1]).sum().item(), 1 - 1e-9)
    return Guesses(int((guessed == classes).sum()), len(classes), by_chance)


def guess(known: Tensor, classes: Tensor, asked: Tensor) -> Tensor:
    """Classes of the asked samples: kernel ridge regression on the known ones, (n,).

    The width of the kernel is the median distance; a little ridge keeps it well conditioned.
    """
    distance = torch.cdist(known, known)
    width = distance.median().clamp(min=1e-6)
    kernel = torch.exp(-((distance / width) ** 2) / 2)
    wanted = torch.nn.functional.one_hot(classes).to(kernel.dtype)
    prior = wanted.mean(dim=0)
    weights = torch.linalg.solve(kernel + 0.1 * torch.eye(len(known)), wanted - prior)
    near = torch.exp(-((torch.cdist(asked, known) / width) ** 2) / 2)
    return (near @ weights + prior).argmax(dim=1)


def guesses_within(inputs: Tensor, classes: Tensor, at_most: int) -> Guesses:
    """Of one half of the samples, from at most so many of the other half."""
    known, asked = halves(len(inputs))
    known = known[:at_most]
    return judged(guess(inputs[known], classes[known], inputs[asked]), classes[asked])


def halves(count: int) -> tuple[Tensor, Tensor]:
    """Indices of two halves in an order that has nothing to do with how samples were sorted."""
    order = torch.randperm(count, generator=torch.Generator().manual_seed(0))
    return order[: count // 2], order[count // 2 :]


def classes_of(targets: list[list]) -> Tensor | None:
    """One class for each of the targets of all splits, None where there is nothing to tell apart.

    Labels are classes, the largest of several numbers that add up to 1 as well. Other numbers are
    cut into ranges; of masks, boxes and sequences that is done with their first principal
    component.
    """
    parts = [[part for part in parts if isinstance(part, Tensor)] for parts in targets]
    if not parts[0] or len({len(p) for p in parts}) != 1:
        return None
    if all(same([p[0]], [parts[0][0]]) for p in parts):
        return None
    if len(parts[0]) == 1 and parts[0][0].numel() == 1 and not parts[0][0].is_floating_point():
        return torch.tensor([int(p[0]) for p in parts]).unique(return_inverse=True)[1]
    if (hot := one_hot(parts)) is not None:
        return hot
    values = sketch(parts)
    values = values - values.mean(dim=0)
    if values.shape[1] > 1:
        values = values @ torch.pca_lowrank(values, q=1, center=False)[2]
    edges = values.flatten().quantile(torch.arange(1, RANGES) / RANGES)
    return torch.bucketize(values.flatten(), edges).unique(return_inverse=True)[1]


def one_hot(parts: list[list[Tensor]]) -> Tensor | None:
    first = parts[0][0]
    if len(parts[0]) > 1 or first.dim() != 1 or len({p[0].shape for p in parts}) != 1:
        return None
    values = torch.stack([p[0] for p in parts])
    if first.is_complex() or not ((values >= 0).all() and (values.sum(dim=1) == 1).all()):
        return None
    return values.float().argmax(dim=1).unique(return_inverse=True)[1]
