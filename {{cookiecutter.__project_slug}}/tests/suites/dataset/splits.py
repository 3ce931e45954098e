"""Properties of splits: which samples are in which, now and in every other process."""

import builtins
import math
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

import torch
from torch import Tensor

from ..contract import newly_set_up
from ..instruments.seeds import all_seeded, seeded
from .contract import flattened, images_at, samples_at

# Part of a split that may also be found in another one. Real data hold a few near-identical
# samples: in MNIST, thin upright ones.
TOLERATED_LEAKS = 0.02
# Samples of which several reads are held in memory at a time.
READ_AT_ONCE = 32


class SplitTests:
    """Tests of what is in a split. Part of AbstractTestDataset."""

    def test_splits_share_no_samples(self):
        """No other split has samples of the training split, also where that is augmented.

        A sample is taken for leaked where one of eight reads of its nearest neighbour in the other
        split is closer than half of what those reads differ among themselves; without
        augmentation, where it is equal. A few are tolerated: real data hold near-identical ones.
        Looks at `max_samples` of each split.
        """
        splits = list(self.splits().items())
        for i, (name, split) in enumerate(splits):
            for other_name, other in splits[i + 1 :]:
                with self.subTest(splits=(name, other_name)), seeded(0):
                    leaked = self.leaks(split, other)
                    allowed = max(1, TOLERATED_LEAKS * len(self.probes(other)))
                    if len(leaked) > allowed:
                        self.fail(
                            f"{len(leaked)} of {len(self.probes(other))} samples of {other_name} "
                            f"are in {name} too, among them {leaked[:4]}.\nIs one split taken for "
                            f"the other, or do their slices overlap?"
                        )

    def leaks(self, split, other) -> list[int]:
        """Indices of samples of `other` that are in `split` as well."""
        candidates, suspects = self.probes(split), self.probes(other)
        suspected = flattened(samples_at(other, suspects))
        known = flattened(samples_at(split, candidates))
        distance, nearest = torch.cdist(suspected, known).min(dim=1)
        # Reads of one sample are hardly ever further apart: no need to read the others again.
        reach = 2 * mean_spread(split, self.probes(split, at_most=16))
        close = (distance <= reach + 1e-3).nonzero().flatten()
        leaked = []
        for start in range(0, len(close), READ_AT_ONCE):
            part = close[start : start + READ_AT_ONCE]
            neighbours = [candidates[i] for i in nearest[part]]
            found = part[are_reads_of(suspected[part], split, neighbours)]
            leaked += [suspects[i] for i in found]
        return leaked

    def test_splits_are_the_same_in_every_process(self):
        """Splits are the same where hash() gives other numbers, as it does in another process.

        Builds the data by setUp, three times under the same seed.
        """
        here, again = self.contents_built_anew(), self.contents_built_anew()
        with other_hashes():
            elsewhere = self.contents_built_anew()
        for name, found in elsewhere.items():
            with self.subTest(split=name):
                if not same_contents(here[name], again[name]):
                    self.skipTest(f"setUp builds another {name} each time, under the same seed.")
                if not same_contents(here[name], found):
                    self.fail(
                        f"{name} has {here[name][0]} samples, and {found[0]} or other ones where "
                        f"hash() of a text is another, as it is in every new process.\nIs the "
                        f"split made by hash()? Take zlib.crc32 or hashlib."
                    )

    def contents_built_anew(self) -> dict[str, tuple[int, Tensor]]:
        """Length and probed images of every split, built by setUp once more."""
        with all_seeded(0):
            other = newly_set_up(self)
            if other.data is self.data:
                self.skipTest(f"{type(self).__name__}.setUp does not build the data anew.")
            return {
                name: (len(split), images_at(split, self.probes(split, at_most=32)))
                for name, split in other.splits().items()
            }


@contextmanager
def other_hashes() -> Iterator[None]:
    """Makes hash(text) return what it might in another process, where texts are salted anew.

    Only where it is called to get a number: sets and dicts go on finding what they hold.
    """
    original = builtins.hash

    def salted(value):
        caller = sys._getframe(1).f_code.co_name
        if isinstance(value, str | bytes) and caller != "__hash__":
            return original((value, "another process"))
        return original(value)

    with mock.patch.object(builtins, "hash", salted):
        yield


def same_contents(first: tuple[int, Tensor], second: tuple[int, Tensor]) -> bool:
    return first[0] == second[0] and torch.equal(first[1], second[1])


def mean_spread(split, indices: list[int]) -> float:
    """Mean over some samples of the largest distance between eight reads."""
    largest = [torch.pdist(images_at(split, [index] * 8)).max().item() for index in indices]
    return sum(largest) / len(largest)


def are_reads_of(images: Tensor, split, indices: list[int]) -> Tensor:
    """Whether each image (n, features) lies among the reads of the sample at its index: (n,).

    It is no further from the nearest read than those are from each other. Of mirror images only the
    distance to the nearest one says how far that is.
    """
    one_each = [flattened(samples_at(split, indices)) for _ in range(8)]
    reads = torch.stack(one_each, dim=1)  # (n, 8, features)
    spread = torch.stack([torch.pdist(r).median() for r in reads])
    itself = torch.eye(reads.shape[1], dtype=torch.bool)
    nearest = torch.cdist(reads, reads).masked_fill(itself, math.inf).amin(dim=2).median(dim=1)
    reach = torch.minimum(spread / 2, 4 * nearest.values)
    return torch.cdist(images[:, None], reads).flatten(1).amin(dim=1) <= reach
