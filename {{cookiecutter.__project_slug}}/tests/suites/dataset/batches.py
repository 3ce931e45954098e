# SPDX-License-Identifier: MIT
"""Properties of a batch: it holds the samples that were asked for, and keeps them."""

import torch
from torch import Tensor

from ..instruments.seeds import all_seeded
from .contract import DatasetContract
from .loading import BATCH_SIZE
from .reading import copied, leaves, same
from .vectors import sketch

# Augmented samples whose place in a batch is looked up, and reads of each one by itself.
SAMPLES = 64
READS = 5
FALSE_ALARMS = 1e-6


class BatchTests(DatasetContract):
    """Tests of batches that are read at once or made by collate_fn. Part of AbstractTestDataset."""

    def test_batches_keep_their_values(self):
        """A batch that collate_fn has made is left alone when it makes the next ones."""
        collate = self.require_collate_fn()
        for name, split in self.indexed_splits().items():
            with self.subTest(split=name), all_seeded(0):
                batches = self.batches(split, at_most=4 * BATCH_SIZE)
                if len(batches) < 2:
                    self.skipTest(f"{name} is a single batch.")
                made = [collate([split[index] for index in batches[0]])]
                before = copied(leaves(made[0]))
                made += [collate([split[index] for index in batch]) for batch in batches[1:]]
                if not same(before, leaves(made[0])):
                    self.fail(
                        f"{name}: a batch has other values after collate_fn has made the next one."
                        f"\nIs a buffer used again? What a DataLoader has delivered is still in "
                        f"use: make a new tensor for each batch."
                    )

    def test_batches_pair_inputs_with_their_targets(self):
        """In a batch that collate_fn has made, each input stands where its target stands."""
        collate = self.require_collate_fn()
        for name, split in self.constant_splits().items():
            with self.subTest(split=name), all_seeded(0):
                for batch in self.batches(split, at_most=4 * BATCH_SIZE):
                    samples = [split[index] for index in batch]
                    inputs, targets = self.rows(name, collate(samples), len(batch))
                    for index, sample in zip(batch, samples, strict=True):
                        self.check_pair(f"{name}[{index}]", sample, inputs, targets)

    def rows(self, name: str, batch, count: int) -> tuple[list, list]:
        """Input and target of each sample in a batch; skips where it is not made of such."""
        try:
            inputs = rows_of(self.input_of(batch), count)
            targets = rows_of(self.target_of(batch), count)
        except Exception:  # the hooks are written for samples, and may not fit a batch
            inputs = targets = None
        if inputs is None or targets is None:
            self.skipTest(f"Batches of {name} are not made of one input and one target per sample.")
        return inputs, targets

    def check_pair(self, place: str, sample, inputs: list, targets: list):
        values, target = self.inputs(sample), self.targets(sample)
        places = [i for i, row in enumerate(inputs) if is_padded(values, row)]
        if not places:
            self.skipTest(f"collate_fn changes inputs: {place} is in no row of its batch.")
        found = [i for i, row in enumerate(targets) if is_padded(target, row)]
        if not found:
            self.skipTest(f"collate_fn changes targets: that of {place} is in no row of its batch.")
        if not set(found) & set(places):
            self.fail(
                f"{place} is in row {places[0]} of its batch, its target in row {found[0]}.\n"
                f"Does collate_fn sort inputs or targets without the others?"
            )

    def test_batches_hold_the_samples_asked_for(self):
        """A batch that is read at once has every augmented sample in its own place.

        One read in a batch and five by themselves are of one kind: that the one in the batch is
        the only one nearest to another sample has a probability of 1/6 for each sample.
        """
        for name, split in self.varying_splits().items():
            with self.subTest(split=name), all_seeded(0):
                if not hasattr(split, "__getitems__"):
                    self.skipTest(f"{name} has no __getitems__: it is read one by one.")
                probes = self.probes(split, at_most=SAMPLES)
                batches = self.batches(split, at_most=SAMPLES)
                together = [s for batch in batches for s in split.__getitems__(batch)]
                if len(together) != len(probes):
                    continue  # test_loads_in_the_main_process says so
                reads = [copied(self.inputs(sample)) for sample in together]
                reads += [copied(self.inputs(split[i])) for _ in range(READS) for i in probes]
                strayed = strays(sketch(reads).view(1 + READS, len(probes), -1))
                self.check_strays(name, probes, strayed)

    def check_strays(self, name: str, probes: list[int], strayed: Tensor):
        """Whether reads are nearest to another sample: (1 + READS, n), those of batches first.

        Given how many reads of a sample stray, each of them is the one of the batch with the same
        probability. The sum over all samples has an exact distribution.
        """
        parts = (strayed.sum(dim=0) / len(strayed)).tolist()
        count = int(strayed[0].sum())
        if probability_of_at_least(count, parts) < FALSE_ALARMS:
            first = probes[int(strayed[0].nonzero()[0])]
            self.fail(
                f"{name}: {count} of {len(probes)} samples that are read in a batch are nearest "
                f"to another one, the first is {name}[{first}]; read one by one, "
                f"{strayed[1:].sum().item() / READS:.0f}.\nDoes __getitems__ put samples of a "
                f"batch in another order?"
            )

    def require_collate_fn(self):
        return self.collate() or self.skipTest(
            f"{type(self).__name__}.collate_fn is not declared: batches are stacked."
        )

    def batches(self, split, at_most: int) -> list[list[int]]:
        probes = self.probes(split, at_most)
        return [probes[i : i + BATCH_SIZE] for i in range(0, len(probes), BATCH_SIZE)]


def rows_of(part, count: int) -> list | None:
    """A part of a batch, sample by sample: lists of tensors; None where it cannot be told apart."""
    if isinstance(part, Tensor | tuple | list) and len(part) == count:
        return [leaves(row) for row in part]
    parts = [leaf for leaf in leaves(part) if isinstance(leaf, Tensor)]
    if not parts or any(leaf.dim() == 0 or len(leaf) != count for leaf in parts):
        return None
    return [[leaf[i] for leaf in parts] for i in range(count)]


def is_padded(values: list, row: list) -> bool:
    """Whether a row of a batch has these tensors, with something before or behind them or not."""
    if len(values) != len(row):
        return False
    return all(
        begins(value, found) or begins(value, found, at_the_end=True)
        if isinstance(value, Tensor) and isinstance(found, Tensor)
        else value == found
        for value, found in zip(values, row, strict=True)
    )


def begins(value: Tensor, row: Tensor, at_the_end: bool = False) -> bool:
    """Whether a tensor is at the beginning, or the end, of all axes of another one."""
    if value.dim() != row.dim():
        return False
    sizes = list(zip(value.shape, row.shape, strict=True))
    if any(n > m for n, m in sizes):
        return False
    parts = [slice(m - n, m) if at_the_end else slice(n) for n, m in sizes]
    return same([row[tuple(parts)].to(value.dtype)], [value])


def strays(reads: Tensor) -> Tensor:
    """Whether each read (reads, n, features) is nearest to a read of another sample: (reads, n)."""
    count, samples, _ = reads.shape
    distance = torch.cdist(reads.flatten(0, 1), reads.flatten(0, 1)).fill_diagonal_(torch.inf)
    return (distance.argmin(dim=1) % samples).view(count, samples) != torch.arange(samples)


def probability_of_at_least(count: int, probabilities: list[float]) -> float:
    """That so many of independent events happen, each with a probability of its own."""
    distribution = torch.ones(1, dtype=torch.float64)
    for p in probabilities:
        happened = torch.nn.functional.pad(distribution * p, (1, 0))
        distribution = torch.nn.functional.pad(distribution * (1 - p), (0, 1)) + happened
    return float(distribution[count:].sum())
