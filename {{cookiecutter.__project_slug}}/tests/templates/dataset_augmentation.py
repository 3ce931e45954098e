"""Properties of augmentation: where it acts, and that it is fresh every time."""

import math

import torch
from torch import Tensor
from torch.utils.data import Subset

from .dataset_contract import image_of, images_at
from .running import seeded

# Reads of one sample that a worker makes when augmentation in workers is compared.
READS_IN_WORKER = 64


class AugmentationTests:
    """Tests of what varies and what does not. Part of AbstractTestDataset."""

    def test_only_augmented_splits_vary(self):
        """Samples of augmented splits vary between reads, all others never do."""
        for name, split in self.splits().items():
            with self.subTest(split=name), seeded(0):
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
        varying = sum(varies(split, index, reads) for index in probes)
        if varying < len(probes) / 20:
            self.fail(
                f"{name}: {varying} of {len(probes)} samples changed when read {reads} times, "
                f"but {name} is declared as augmented.\nIs the augmentation switched off, drawn "
                f"once, cached, or seeded by the index?"
            )

    def check_constant(self, name: str, split):
        probes = self.probes(split)
        varying = [index for index in probes if varies(split, index, reads=2)]
        if varying:
            self.fail(
                f"{name}: {len(varying)} of {len(probes)} samples changed between two reads, the "
                f"first is {name}[{varying[0]}].\nIs the augmentation of the training split "
                f"applied here too? If it should be, add {name!r} to augmented_splits."
            )

    def test_augmentation_is_fresh_in_every_worker_and_epoch(self):
        """Two workers, and two epochs, augment the same sample differently.

        Even an augmentation that is applied to a fifth of all reads makes 64 reads of one worker
        equal those of another with a probability below 0.68^64, that is 2e-11.
        """
        for name in self.augmented_splits:
            with self.subTest(split=name), seeded(0):
                split = self.splits()[name]
                index = len(split) // 2
                repeated = Subset(split, [index] * (2 * READS_IN_WORKER))
                first, second = (
                    self.load(repeated, name, num_workers=2, batch_size=READS_IN_WORKER)
                    for _ in range(2)
                )
                question = (
                    "Does the dataset own a random generator, which every worker copies? Draw "
                    "from torch's global one: the DataLoader seeds it in each worker."
                )
                self.check_differ(name, index, first[0], first[1], "two workers", question)
                self.check_differ(name, index, first[0], second[0], "two epochs", question)

    def check_differ(self, name, index, first: Tensor, second: Tensor, what: str, question: str):
        if torch.equal(first, second):
            self.fail(
                f"{name}: {what} read {name}[{index}] {READS_IN_WORKER} times each and got "
                f"the same images in the same order.\n{question}"
            )

    def test_augmentation_does_not_accumulate(self):
        """Late reads of a sample are as close to early ones as those are to each other."""
        for name in self.augmented_splits:
            with self.subTest(split=name), seeded(0):
                split = self.splits()[name]
                ratios = [drift(split, index) for index in self.probes(split, at_most=16)]
                # 1 for independent reads. A random walk of 24 steps ends about four times as far
                # from its start as its first steps are from each other.
                if torch.tensor(ratios).mean() > 2:
                    self.fail(
                        f"{name}: images drift away from their first reads when they are read "
                        f"again (by a factor of {torch.tensor(ratios).mean():.1f}).\nIs the "
                        f"augmented image written back into the dataset?"
                    )


def drift(split, index: int) -> float:
    """Mean distance of late to early reads of a sample, by that of early reads to each other."""
    reads = images_at(split, [index] * 24)
    early, late = reads[:6], reads[-6:]
    spread = torch.pdist(early).mean().item()
    return torch.cdist(early, late).mean().item() / spread if spread > 0 else 1.0


def varies(split, index: int, reads: int) -> bool:
    """Whether any of several reads of one sample differs from the first."""
    # A copy: a dataset that returns its own buffer would compare the buffer with itself.
    first = image_of(split[index]).clone()
    return any(not torch.equal(first, image_of(split[index])) for _ in range(reads - 1))
