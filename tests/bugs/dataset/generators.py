"""Bugs that the checks of suites/dataset/generators.py are meant for."""

import random

import numpy as np
import torch
from mnist_vae.dataset import MNISTSplit

from ...seeding import dataset_bug

REPLAY = "test_own_generators_do_not_replay"


@dataset_bug(
    REPLAY,
    r"generator of the dataset's own, and two workers draw the same 64 times",
    "train_data",
    source="pytorch/pytorch#5059, DepthContrast#14",
)
class BrightnessFromItsOwnGenerator(MNISTSplit):
    """Beside rotations, which torch draws."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.rng = np.random.default_rng(0)

    def __getitems__(self, indices):
        samples = super().__getitems__(indices)
        return [(x * float(self.rng.uniform(0.8, 1)), label) for x, label in samples]


@dataset_bug(REPLAY, r"generator of the dataset's own, and two workers.*Draw from a", "train_data")
class ShiftsFromPythonsGenerator(MNISTSplit):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.random = random.Random()

    def __getitems__(self, indices):
        samples = super().__getitems__(indices)
        return [(x.roll(self.random.randint(-1, 1), 2), label) for x, label in samples]


@dataset_bug(REPLAY, r"two workers draw the same 64 times", "train_data")
class NoiseFromTorchsGeneratorOfItsOwn(MNISTSplit):
    state = torch.Generator().manual_seed(0).get_state()

    def __getitems__(self, indices):
        generator = torch.Generator()
        generator.set_state(self.state)
        samples = super().__getitems__(indices)
        scales = (1 - 0.1 * torch.rand(len(samples), generator=generator)).tolist()
        self.state = generator.get_state()
        return [(x * scale, label) for (x, label), scale in zip(samples, scales, strict=True)]
