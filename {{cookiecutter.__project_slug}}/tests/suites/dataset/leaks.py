# SPDX-License-Identifier: MIT
"""Samples of one split that are in another one as well."""

import math
from collections import Counter

import torch
from torch import Tensor

from ..instruments.seeds import all_seeded
from .contract import DatasetContract
from .reading import content_of
from .sampling import samples_at
from .vectors import exact

# Part of a split that may also be found in another one. Real data hold a few near-identical
# samples: in MNIST, thin upright ones.
TOLERATED_LEAKS = 0.02
# Samples of which several reads are held in memory at a time.
READ_AT_ONCE = 32


class LeakTests(DatasetContract):
    """Tests of what two splits share. Part of AbstractTestDataset."""

    def test_splits_share_no_samples(self):
        """No other split has samples of the training split, also where that is augmented.

        A sample is taken for leaked where one of eight reads of its nearest neighbour in the other
        split is closer than half of what those reads differ among themselves; without
        augmentation, where it is equal. A few are tolerated: real data hold near-identical ones,
        and where more of them are within one split, so many more between two. Looks at
        `max_samples` of each split, and in longer ones at the same indices too.
        """
        splits = list(self.readable_splits().items())
        for i, (name, split) in enumerate(splits):
            for other_name, other in splits[i + 1 :]:
                with self.subTest(splits=(name, other_name)), all_seeded(0):
                    suspects = self.probes(other)
                    leaked = self.leaks(split, self.candidates(split, other), other, suspects)
                    allowed = max(1, TOLERATED_LEAKS * len(suspects))
                    if len(leaked) > allowed and len(leaked) > allowed + self.alike(other):
                        self.fail(
                            f"{len(leaked)} of {len(suspects)} samples of {other_name} "
                            f"are in {name} too, among them {leaked[:4]}.\nIs one split taken for "
                            f"the other, or do their slices overlap?"
                        )

    def candidates(self, split, other) -> list[int]:
        """Indices that are probed: evenly spaced; in a long split also where the other is.

        One that repeats another, or its end, does so index by index, and evenly spaced probes of
        two lengths would hardly meet.
        """
        probes = self.probes(split)
        if len(split) <= len(probes):
            return probes
        places = self.probes(other)
        from_the_end = [index + len(split) - len(other) for index in places]
        return sorted({i for i in [*probes, *places, *from_the_end] if 0 <= i < len(split)})

    def alike(self, split) -> float:
        """How many samples of a split may be taken for another one of it: four deviations more.

        Their number is about Poisson. Few rows in a table, or noise that is drawn at each read.
        """
        count = len(self.leaks(split, self.probes(split), split, self.probes(split), apart=True))
        return count + 4 * math.sqrt(count) if count else 0

    def leaks(self, split, candidates: list[int], other, suspects: list[int], apart=False):
        """Indices of samples of `other` that are in `split` as well, `apart` from themselves."""
        samples = samples_at(split, candidates) + samples_at(other, suspects)
        inputs = [self.inputs(sample) for sample in samples]
        if (values := exact(inputs)) is None:
            again = repeated(inputs, len(candidates), apart)
            return [index for index, known in zip(suspects, again, strict=True) if known]
        known, suspected = values.split([len(candidates), len(suspects)])
        distance = torch.cdist(suspected, known)
        if apart:
            distance.fill_diagonal_(math.inf)
        distance, nearest = distance.min(dim=1)
        # Reads of one sample are hardly ever further apart: no need to read the others again.
        reach = 2 * self.mean_spread(split, self.probes(split, at_most=16))
        close = (distance <= reach + 1e-3).nonzero().flatten()
        leaked = []
        for start in range(0, len(close), READ_AT_ONCE):
            part = close[start : start + READ_AT_ONCE]
            neighbours = [candidates[i] for i in nearest[part]]
            found = part[self.are_reads_of(suspected[part], split, neighbours)]
            leaked += [suspects[i] for i in found]
        return leaked

    def mean_spread(self, split, indices: list[int]) -> float:
        """Mean over some samples of the largest distance between eight reads."""
        reads = [self.vectors_at(split, [index] * 8) for index in indices]
        return sum(torch.pdist(read).max().item() for read in reads) / len(reads)

    def are_reads_of(self, images: Tensor, split, indices: list[int]) -> Tensor:
        """Whether each image (n, features) lies among the reads of the sample at its index: (n,).

        It is no further from the nearest read than those are from each other. Of mirror images only
        the distance to the nearest one says how far that is.
        """
        one_each = [self.vectors(samples_at(split, indices)) for _ in range(8)]
        reads = torch.stack(one_each, dim=1)  # (n, 8, features)
        spread = torch.stack([torch.pdist(r).median() for r in reads])
        itself = torch.eye(reads.shape[1], dtype=torch.bool)
        nearest = torch.cdist(reads, reads).masked_fill(itself, math.inf).amin(dim=2).median(dim=1)
        reach = torch.minimum(spread / 2, 4 * nearest.values)
        return torch.cdist(images[:, None], reads).flatten(1).amin(dim=1) <= reach


def repeated(inputs: list[list[Tensor]], known: int, apart: bool) -> list[bool]:
    """Whether inputs behind the first `known` ones, of any sizes, are equal to one of those."""
    contents = [content_of(tensors) for tensors in inputs]
    counts = Counter(contents[:known])
    return [counts[content] > apart for content in contents[known:]]
