# SPDX-License-Identifier: MIT
"""Properties of augmentation: where it acts, and that it is fresh every time."""

import math

import torch

from ..instruments.seeds import all_seeded
from .loading import LoadingTests
from .reading import copied, same

# Reads of one sample that a worker makes when augmentation in workers is compared.
READS_IN_WORKER = 64


class AugmentationTests(LoadingTests):
    """Tests of what varies and what does not. Part of AbstractTestDataset."""

    def test_only_augmented_splits_vary(self):
        """Samples of augmented splits vary between reads, all others never do."""
        for name, split in self.indexed_splits().items():
            with self.subTest(split=name), all_seeded(0):
                if name in self.augmented_splits:
                    self.check_augmented(name, split)
                else:
                    self.check_constant(name, split)

    def check_augmented(self, name: str, split):
        """A twentieth of the probes must vary.

        An augmentation applied to a fifth of all reads changes a given pair of reads with
        probability 1 - 0.8^2 = 0.36. With 128 samples, read twice, fewer than 7 vary with a
        probability below 1e-12; a short split is read more often.
        """
        probes = self.probes(split, at_most=128)
        reads = max(2, math.ceil(256 / len(probes)))
        varying = sum(self.varies(split, index, reads) for index in probes)
        if varying < len(probes) / 20:
            self.fail(
                f"{name}: {varying} of {len(probes)} samples changed when read {reads} times, "
                f"but {name} is declared as augmented.\nIs the augmentation switched off, drawn "
                f"once, cached, or seeded by the index? If there is none, declare augmented_splits."
            )

    def check_constant(self, name: str, split):
        probes = self.probes(split)
        varying = [index for index in probes if self.varies(split, index, reads=2)]
        if varying:
            self.fail(
                f"{name}: {len(varying)} of {len(probes)} samples changed between two reads, the "
                f"first is {name}[{varying[0]}].\nIs the augmentation of the training split "
                f"applied here too? If it should be, add {name!r} to augmented_splits."
            )

    def varies(self, split, index: int, reads: int) -> bool:
        """Whether any of several reads of one sample differs from the first."""
        # A copy: a dataset that returns its own buffer would compare the buffer with itself.
        first = copied(self.inputs(split[index]))
        return any(not same(first, self.inputs(split[index])) for _ in range(reads - 1))

    def test_slight_augmentation_keeps_samples_apart(self):
        """Where augmentation is declared as slight, images are nearest to their own next reads."""
        if not self.slight_augmentation:
            self.skipTest(
                f"{type(self).__name__}.slight_augmentation is not set: any augmentation will do."
            )
        for name, split in self.varying_splits().items():
            with self.subTest(split=name), all_seeded(0):
                probes = self.probes(split, at_most=128)
                reads = self.vectors_at(split, [*probes, *probes])
                first, second = reads.chunk(2)
                distances = torch.cdist(first, second)
                lost = (distances.argmin(dim=1) != torch.arange(len(probes))).sum().item()
                # Near-identical images may be taken for each other: in MNIST up to 4 of 128, thin
                # ones, while a mirror image in every other read loses more than 50.
                if lost > len(probes) / 10:
                    self.fail(
                        f"{name}: {lost} of {len(probes)} samples are nearer to another one than "
                        f"to themselves when read again.\nIs the augmentation stronger than meant: "
                        f"degrees for radians, or mirror images of what has a left and a right? If "
                        f"it is to move samples so far, it is not a slight_augmentation."
                    )

    def test_augmentation_is_fresh_in_every_worker_and_epoch(self):
        """Within a batch, in two workers and in two epochs a sample is augmented differently.

        Even an augmentation that is applied to a fifth of all reads makes 64 reads of one worker
        equal those of another with a probability below 0.68^64, that is 2e-11.
        """
        splits = self.varying_splits()
        middle = {name: len(split) // 2 for name, split in splits.items()}
        reads = {name: [(name, index)] * READS_IN_WORKER for name, index in middle.items()}
        with all_seeded(0):
            # The batches go to the workers in turns.
            twice = [batch for batch in reads.values() for _ in range(2)]
            epoch = self.load_reads(splits, twice, num_workers=2)
            next_epoch = self.load_reads(splits, list(reads.values()), num_workers=1)
        for name in splits:
            with self.subTest(split=name):
                place = f"{name}[{middle[name]}]"
                first, second = epoch[name]
                if all(same(read, first[0]) for read in first):
                    self.fail(
                        f"A worker read {place} {READS_IN_WORKER} times in one batch, and got one "
                        f"and the same image.\nIs the augmentation drawn once for a whole batch?"
                    )
                self.check_differ(place, first, second, "two workers")
                self.check_differ(place, first, next_epoch[name][0], "two epochs")

    def check_differ(self, place: str, first: list, second: list, what: str):
        if all(map(same, first, second)):
            self.fail(
                f"{what} read {place} {READS_IN_WORKER} times each and got the same images in the "
                f"same order.\nDoes the dataset own a random generator, which every worker copies? "
                f"Draw from torch's global one: the DataLoader seeds it in each worker."
            )

    def test_augmentation_does_not_accumulate(self):
        """Late reads of a sample are as close to early ones as those are to each other."""
        for name, split in self.varying_splits().items():
            with self.subTest(split=name), all_seeded(0):
                ratios = [self.drift(split, index) for index in self.probes(split, at_most=16)]
                # 1 for independent reads. A random walk of 24 steps ends about four times as far
                # from its start as its first steps are from each other.
                if torch.tensor(ratios).mean() > 2:
                    self.fail(
                        f"{name}: images drift away from their first reads when they are read "
                        f"again (by a factor of {torch.tensor(ratios).mean():.1f}).\nIs the "
                        f"augmented image written back into the dataset?"
                    )

    def drift(self, split, index: int) -> float:
        """Mean distance of late to early reads, by that of early ones to each other."""
        reads = self.vectors_at(split, [index] * 24)
        early, late = reads[:6], reads[-6:]
        spread = torch.pdist(early).mean().item()
        return torch.cdist(early, late).mean().item() / spread if spread > 0 else 1.0
