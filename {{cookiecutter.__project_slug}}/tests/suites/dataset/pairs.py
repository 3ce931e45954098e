# SPDX-License-Identifier: MIT
"""Pairs of inputs, and a target that says whether they show the same."""

import math
from statistics import NormalDist

import torch
from torch import Tensor

from ..instruments.seeds import all_seeded
from .contract import DatasetContract
from .labels import FALSE_ALARMS, is_number
from .reading import copied, same
from .sampling import samples_at

# Part of the pairs of the same that may be one input twice, where a partner is drawn at random.
TWICE = 0.05
# With fewer pairs of either kind nothing is said.
ENOUGH = 8
# Pairs that are looked at.
PAIRS = 256


class PairTests(DatasetContract):
    """Tests of pairs. Part of AbstractTestDataset."""

    def test_pairs_of_the_same_are_alike(self):
        """Where `same_pair` is declared, such pairs are nearer than others, and are two inputs."""
        if self.same_pair is None:
            self.skipTest(f"{type(self).__name__}.same_pair is not declared.")
        for name, split in self.readable_splits().items():
            with self.subTest(split=name), all_seeded(0):
                samples = samples_at(split, self.probes(split, at_most=PAIRS))
                inputs = [copied(self.inputs(sample)) for sample in samples]
                targets = [self.targets(sample) for sample in samples]
                self.require_pairs(name, inputs, targets)
                marked = [float(target) == self.same_pair for (target,) in targets]
                self.check_twice(
                    name, [x for x, alike in zip(inputs, marked, strict=True) if alike]
                )
                distances = torch.tensor([distance(*x) for x in inputs])
                marks = torch.tensor(marked)
                self.check_nearer(name, distances[marks], distances[~marks])

    def require_pairs(self, name: str, inputs: list, targets: list):
        if not all(len(x) == 2 and x[0].shape == x[1].shape for x in inputs):
            self.skipTest(f"Inputs of {name} are no pairs of one shape: input_of can return them.")
        if not all(len(target) == 1 and is_number(target[0]) for target in targets):
            self.skipTest(f"Targets of {name} are not one number each.")

    def check_twice(self, name: str, pairs: list[list[Tensor]]):
        twice = sum(same([one], [other]) for one, other in pairs)
        if twice > max(1, TWICE * len(pairs)):
            self.fail(
                f"{twice} of {len(pairs)} pairs of {name} that show the same are one input twice."
                f"\nIs the partner of a sample drawn without leaving out the sample itself?"
            )

    def check_nearer(self, name: str, alike: Tensor, others: Tensor):
        """Pairs that are no more alike than others would be further so often once in a million.

        The number of times that one of these is nearer than one of those is about normal
        (Mann and Whitney): mean mn / 2, variance mn (m + n + 1) / 12.
        """
        m, n = len(alike), len(others)
        if min(m, n) < ENOUGH:
            return
        nearer = (alike[:, None] < others).double() + 0.5 * (alike[:, None] == others).double()
        away = (nearer.sum().item() - m * n / 2) / math.sqrt(m * n * (m + n + 1) / 12)
        if away < NormalDist().inv_cdf(FALSE_ALARMS):
            self.fail(
                f"{name}: pairs with the target {self.same_pair:g}, which is same_pair, are "
                f"{alike.mean():.3g} apart, all others {others.mean():.3g}.\nDoes the target say "
                f"which pairs are different, in place of the same?"
            )


def distance(one: Tensor, other: Tensor) -> float:
    return (one.double() - other.double()).square().mean().sqrt().item()
