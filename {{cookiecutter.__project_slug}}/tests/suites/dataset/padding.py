# SPDX-License-Identifier: MIT
"""What stands behind a short sample in a batch, and how long a batch says that it is."""

import torch
from torch import Tensor

from ..instruments.seeds import all_seeded
from .batches import BatchTests, begins, rows_of
from .loading import BATCH_SIZE
from .reading import leaves


class PaddingTests(BatchTests):
    """Tests of batches of samples of several lengths. Part of AbstractTestDataset."""

    def test_batches_are_padded_as_declared(self):
        """Where `padding_value` is declared, short samples are filled up with it, and lengths hold.

        Between a sample and its padding something may stand, as the end of a text does. Lengths
        are a row of integers in the batch; they must not be the padded ones.
        """
        collate = self.require_collate_fn()
        if self.padding_value is None:
            self.skipTest(f"{type(self).__name__}.padding_value is not declared.")
        for name, split in self.indexed_splits().items():
            with self.subTest(split=name), all_seeded(0):
                for batch in self.batches(split, at_most=4 * BATCH_SIZE):
                    samples = [split[index] for index in batch]
                    values = [self.inputs(sample)[0] for sample in samples]
                    made = collate(samples)
                    rows = self.padded_rows(name, made, len(batch))
                    places = [place_of(value, rows) for value in values]
                    if None in places:
                        self.skipTest(f"collate_fn changes inputs of {name}, or cuts them off.")
                    found = [rows[place] for place in places if place is not None]
                    self.check_padding(name, batch, values, found)
                    self.check_lengths(name, made, samples, values, found, places)

    def padded_rows(self, name: str, made, count: int) -> list[Tensor]:
        """The first tensor of the input of each sample in a batch."""
        try:
            rows = rows_of(self.input_of(made), count)
        except Exception:  # the hook is written for samples, and may not fit a batch
            rows = None
        if rows is None or not all(isinstance(row[0], Tensor) and row[0].dim() for row in rows):
            self.skipTest(f"Batches of {name} are not made of one row per sample.")
        return [row[0] for row in rows]

    def check_padding(self, name: str, batch: list[int], values: list[Tensor], rows: list[Tensor]):
        longest, padding = max(map(len, values)), self.padding_value or 0.0
        for index, value, row in zip(batch, values, rows, strict=True):
            if len(value) == longest:
                continue
            end = row[-1] if begins(value, row) else row[0]
            if not torch.eq(end, padding).all():
                self.fail(
                    f"{name}[{index}] is filled up with {end.flatten()[0].item():g} in its batch; "
                    f"padding_value is {padding:g}.\nIs it the index of a word, or a "
                    f"value that the model does not take for padding?"
                )

    def check_lengths(self, name, made, samples, values, rows, places):
        lengths = torch.tensor([len(value) for value in values])
        if lengths.min() == lengths.max():
            return
        targets = [self.targets(sample) for sample in samples]
        for leaf in leaves(made):
            if not is_row_of_integers(leaf, len(values)) or is_made_of(targets, leaf):
                continue
            told, width = leaf[places], max(len(row) for row in rows)
            swapped = leaf.sort().values.equal(lengths.sort().values) and not told.equal(lengths)
            if (told == width).all() or swapped:
                first = int((told != lengths).nonzero()[0, 0])
                self.fail(
                    f"{name}: a batch says that the length of a sample is {told[first].item()}, "
                    f"which is {lengths[first].item()} long in a row of {width}.\nIs padding "
                    f"counted as a part of it, or are rows sorted without their lengths?"
                )


def place_of(value: Tensor, rows: list[Tensor]) -> int | None:
    """The first row that begins or ends with a sample, or is it."""
    for place, row in enumerate(rows):
        if begins(value, row) or begins(value, row, at_the_end=True):
            return place
    return None


def is_row_of_integers(leaf, count: int) -> bool:
    if not isinstance(leaf, Tensor) or leaf.shape != (count,):
        return False
    return not leaf.is_floating_point() and leaf.dtype != torch.bool


def is_made_of(targets: list[list], leaf: Tensor) -> bool:
    """Whether a row of a batch holds the targets, in any order."""
    if any(len(t) != 1 or not isinstance(t[0], Tensor) or t[0].numel() != 1 for t in targets):
        return False
    return sorted(int(t) for (t,) in targets) == sorted(leaf.tolist())
