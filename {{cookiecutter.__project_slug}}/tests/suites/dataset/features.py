# SPDX-License-Identifier: MIT
"""What inputs must not say: the target, the place in a file, words of the test split alone."""

import torch
from torch import Tensor

from ..instruments.seeds import all_seeded
from .contract import DatasetContract
from .labels import is_number
from .sampling import samples_at

# With fewer samples nothing is said.
ENOUGH = 30
# A correlation further from 1 is no copy. Rounding to float32 makes less than 1e-9.
COPY = 1e-7


class FeatureTests(DatasetContract):
    """Tests of the features of a table, and of words. Part of AbstractTestDataset."""

    def test_targets_are_not_among_the_features(self):
        """No feature is the number to predict in another scale, nor the row of a sorted file."""
        tables = {}
        for name, split in self.readable_splits().items():
            with all_seeded(0):
                tables[name] = self.table(name, split)
        for name, (rows, targets) in tables.items():
            with self.subTest(split=name):
                if targets.is_floating_point() and len(rows) >= ENOUGH:
                    self.check_copies(name, rows, targets.double())
        parts = list(tables.values())
        if len({rows.shape[1] for rows, _ in parts}) == 1:
            rows, targets = (torch.cat(part) for part in zip(*parts, strict=True))
            if not targets.is_floating_point() and len(rows) >= ENOUGH:
                self.check_row_numbers(rows, targets)

    def table(self, name: str, split) -> tuple[Tensor, Tensor]:
        """Rows (n, features) of at least two features, and their targets (n,)."""
        first = [self.inputs(split[0]), self.targets(split[0])] if len(split) else [[], []]
        is_row = len(first[0]) == 1 and first[0][0].dim() == 1 and first[0][0].numel() > 1
        if not is_row or len(first[1]) != 1 or not is_number(first[1][0]):
            self.skipTest(f"Samples of {name} are no rows of a table with one target each.")
        samples = samples_at(split, self.probes(split))
        rows = [self.inputs(sample)[0] for sample in samples]
        if len({row.shape for row in rows}) != 1 or not rows[0].is_floating_point():
            self.skipTest(f"Inputs of {name} are no fractions, or rows of several lengths.")
        targets = torch.stack([self.targets(sample)[0].flatten()[0] for sample in samples])
        return torch.stack(rows).double(), targets

    def check_copies(self, name: str, rows: Tensor, targets: Tensor):
        rows, targets = rows - rows.mean(dim=0), targets - targets.mean()
        scale = rows.norm(dim=0) * targets.norm()
        copies = (rows.T @ targets).abs() > (1 - COPY) * scale
        copies &= scale > 0
        if copies.any():
            self.fail(
                f"Feature {int(copies.nonzero()[0, 0])} of {name} is the target, but for a factor "
                f"and a constant, in all of {len(rows)} samples.\nIs its column left among the "
                f"inputs, or another one dropped in its place?"
            )

    def check_row_numbers(self, rows: Tensor, classes: Tensor):
        """A feature that numbers all rows, along which each class stands in one piece."""
        for feature in range(rows.shape[1]):
            values, order = rows[:, feature].sort()
            steps = values.diff()
            if steps.min() <= 0 or steps.max() > 1.001 * steps.min():
                continue
            pieces = len(classes[order].unique_consecutive())
            if 1 < pieces == len(classes.unique()):
                self.fail(
                    f"Feature {feature} numbers the {len(rows)} samples of all splits, and each of "
                    f"the {pieces} classes stands in one piece along it.\nIs it the row, or the "
                    f"id, of a file that is sorted by class? It says the class without its cause."
                )

    def test_words_are_known_from_the_first_split(self):
        """Where `unknown_word` is declared, other splits have no word that the first has not."""
        if self.unknown_word is None:
            self.skipTest(f"{type(self).__name__}.unknown_word is not declared.")
        found = {}
        for name, split in self.readable_splits(complete=True).items():
            with all_seeded(0):
                samples = samples_at(split, self.probes(split))
                read = torch.cat([self.inputs(sample)[0].flatten() for sample in samples])
                found[name] = set(read.tolist()), len(split) <= self.max_samples
        (first, (known, complete)), *others = found.items()
        if not complete:
            self.skipTest(f"{first} has more than {self.max_samples} samples, not all were read.")
        for name, (words, _) in others:
            with self.subTest(splits=(first, name)):
                if new := sorted(words - known - {self.unknown_word}):
                    self.fail(
                        f"{name} has {len(new)} words that {first} has not, such as {new[:5]}; "
                        f"expected {self.unknown_word}, which is unknown_word.\nIs the vocabulary "
                        f"built from all texts, or from those of {name}?"
                    )
