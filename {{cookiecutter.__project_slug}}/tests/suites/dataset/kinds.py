# SPDX-License-Identifier: MIT
"""Whether the samples are of a kind that the suite can read."""

from ..instruments.seeds import all_seeded
from .contract import DatasetContract


class KindTests(DatasetContract):
    """The one test that says what cannot be read. Part of AbstractTestDataset."""

    def test_samples_are_of_a_known_kind(self):
        """The first sample of every split has an input, and perhaps a target, that can be read."""
        for name, split in self.readable_splits().items():
            with self.subTest(split=name), all_seeded(0):
                self.probes(split)  # fails where there are none
                sample = self.first_of(name, split)
                self.inputs(sample)
                self.targets(sample)

    def first_of(self, name: str, split):
        try:
            return split[0]
        except Exception as error:  # whatever the dataset raises
            self.fail(
                f"{name}[0] raises {type(error).__name__}: {error}\n"
                f"An index is an integer from 0 on, and len(split) of them can be read."
            )
