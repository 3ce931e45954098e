# SPDX-License-Identifier: MIT
"""Targets that must move with their augmented inputs, as masks and boxes do."""

import torch
from torch import Tensor

from ..instruments.seeds import all_seeded
from .contract import DatasetContract
from .reading import copied, same
from .vectors import sketch

# Samples, and reads of each, whose changes are compared.
SAMPLES = 24
READS = 10
# Random orders of the targets' reads that the right order is compared with.
ORDERS = 999


class MovingTargetTests(DatasetContract):
    """Tests of targets that are augmented together with inputs. Part of AbstractTestDataset."""

    def test_targets_turn_with_their_inputs(self):
        """Where declared, targets change when their augmented inputs do, and in the same way.

        Reads of one sample whose inputs are alike must have targets that are alike. That is
        measured by the correlation of the distances between reads, which does not ask what is in a
        mask or how a box is written; and compared with what the same reads have where their
        targets are dealt out in another order. Independent ones would pass once in a thousand.
        """
        if not self.targets_move_with_inputs:
            self.skipTest(f"{type(self).__name__}.targets_move_with_inputs is not set.")
        for name, split in self.varying_splits().items():
            with self.subTest(split=name), all_seeded(0):
                reads = [
                    [self.moving_parts(split[index]) for _ in range(READS)]
                    for index in self.probes(split, at_most=SAMPLES)
                ]
                self.check_movement(name, reads)
                self.check_together(name, reads)

    def moving_parts(self, sample) -> tuple[list[Tensor], list[Tensor]]:
        """Input and target of a sample; only what has an extent moves: a class in it does not."""
        targets = [t for t in self.targets(sample) if isinstance(t, Tensor) and t.numel() > 1]
        if not targets:
            targets = [t for t in self.targets(sample) if isinstance(t, Tensor)]
        if not targets:
            self.skipTest("There are no targets of numbers that could move.")
        return copied(self.inputs(sample)), copied(targets)

    def check_movement(self, name: str, reads: list):
        """Inputs that move must not leave all targets where they are."""
        if not any(changes([x for x, _ in of_one]) for of_one in reads):
            self.skipTest(f"The inputs of {name} do not vary.")
        if not any(changes([t for _, t in of_one]) for of_one in reads):
            self.fail(
                f"{name}: inputs change between reads, their targets never do, in {len(reads)} "
                f"samples.\nAre masks or boxes left behind by the augmentation? They are declared "
                f"to move with their inputs."
            )

    def check_together(self, name: str, reads: list):
        pairs = [
            (distances([x for x, _ in of_one]), distances([t for _, t in of_one]))
            for of_one in reads
        ]
        if any(map(torn_apart, *zip(*pairs, strict=True))):
            self.fail(
                f"{name}: two reads of a sample have the same input and other targets.\nDoes the "
                f"augmentation draw once for the input and once more for the target? Draw one set "
                f"of random numbers for both."
            )
        pairs = [(x, t) for x, t in pairs if x.std() > 0 and t.std() > 0]
        if len(pairs) < 4:
            self.skipTest(f"Too few samples of {name} have targets that change between reads.")
        found, shuffled = correlations(pairs)
        if found <= shuffled.max():
            self.fail(
                f"{name}: inputs and targets change between reads, but not together: their changes "
                f"correlate by {found:.2f}, targets in any order by up to "
                f"{shuffled.max():.2f}.\nAre both augmented, each with random numbers "
                f"of its own? Draw one set for both."
            )


def changes(reads: list[list[Tensor]]) -> bool:
    return any(not same(read, reads[0]) for read in reads[1:])


def distances(reads: list[list[Tensor]]) -> Tensor:
    """Distances between reads of a sample: (reads, reads). Brightness and contrast do not count."""
    points = sketch(reads)
    if points.shape[1] > 8:
        points = torch.nn.functional.normalize(points - points.mean(dim=1, keepdim=True), dim=1)
    return torch.cdist(points, points).double()


def torn_apart(inputs: Tensor, targets: Tensor) -> bool:
    """Whether reads with equal inputs have targets as far apart as others have.

    Half as far: in a small image a slight turn may be lost by rounding, but not in its box.
    """
    equal, others = inputs == 0, inputs > 0
    if not others.any() or not targets[others].any():
        return False
    return bool(targets[equal].max() > targets[others].mean() / 2)


def correlations(pairs: list[tuple[Tensor, Tensor]]) -> tuple[float, Tensor]:
    """Mean correlation of distances between reads, and those with targets in other orders: (n,)."""
    generator = torch.Generator().manual_seed(0)
    reads = len(pairs[0][0])
    above = torch.ones(reads, reads).triu(1).bool()
    found = torch.zeros(1 + ORDERS, dtype=torch.float64)
    for inputs, targets in pairs:
        order = torch.rand(1 + ORDERS, reads, generator=generator).argsort(dim=1)
        order[0] = torch.arange(reads)  # the one that was found
        dealt = targets[order[:, :, None], order[:, None, :]]  # (1 + ORDERS, reads, reads)
        found += standardised(dealt[:, above]) @ standardised(inputs[above]) / int(above.sum())
    return found[0].item() / len(pairs), found[1:] / len(pairs)


def standardised(values: Tensor) -> Tensor:
    """Of mean 0 and variance 1 along the last axis."""
    values = values - values.mean(dim=-1, keepdim=True)
    return values / values.std(dim=-1, correction=0, keepdim=True).clamp(min=1e-12)
