"""Tests of how samples become batches: their order, their random numbers, and their place."""

import random
import unittest

import numpy as np
import torch
from torch.utils.data import Dataset

from {{ cookiecutter.__package_name }}.batches import size_of, split, to_device
from {{ cookiecutter.__package_name }}.loading import TrainingLoader

CPU = torch.device("cpu")


class Noisy(Dataset):
    """Each read of an index draws a number from each of three generators."""

    def __len__(self) -> int:
        return 10

    def __getitem__(self, index: int) -> tuple:
        return index, torch.rand(()).item(), random.random(), np.random.rand()


def batches_of(seed: int, workers: int = 0, epochs: int = 2) -> list:
    """What two epochs deliver, as plain numbers."""
    torch.manual_seed(seed)
    loader = TrainingLoader(Noisy(), 4, CPU, workers)
    return [[field.tolist() for field in batch] for _ in range(epochs) for batch in loader]


class TestTrainingLoader(unittest.TestCase):
    def test_workers_make_no_difference(self):
        """Order and noise of all generators are those of the seed, with and without workers."""
        alone = batches_of(seed=0)
        self.assertEqual(batches_of(seed=0, workers=2), alone)
        self.assertNotEqual(batches_of(seed=1), alone)

    def test_epochs_have_their_own_order_and_noise(self):
        """Each epoch has every index once; nothing of the epoch before comes again."""
        batches = batches_of(seed=0)
        indices, *noise = [sum((batch[i] for batch in batches), []) for i in range(4)]
        self.assertEqual(sorted(indices[:10]), list(range(10)))
        self.assertEqual(sorted(indices[10:]), list(range(10)))
        self.assertNotEqual(indices[:10], indices[10:])
        for values in noise:
            self.assertEqual(len(set(values)), 20)

    def test_goes_on_within_an_epoch(self):
        """A loader that is given the state of another one delivers what is left of its epoch."""
        expected = batches_of(seed=0, epochs=1)
        torch.manual_seed(0)
        loader = TrainingLoader(Noisy(), 4, CPU)
        next(iter(loader))
        loader.position += 1
        other = TrainingLoader(Noisy(), 4, CPU)
        other.load_state_dict(loader.state_dict())
        left = [[field.tolist() for field in batch] for batch in other]
        self.assertEqual(left, expected[1:])
        self.assertEqual(other.state_dict(), {"seed": None, "position": 0})

    def test_reading_leaves_the_generators_alone(self):
        """Beside the one number for an epoch, no number is drawn from the global generators."""
        torch.manual_seed(0)
        list(TrainingLoader(Noisy(), 4, CPU))
        found = torch.rand(())
        torch.manual_seed(0)
        torch.empty((), dtype=torch.int64).random_()
        self.assertEqual(found, torch.rand(()))


class TestBatches(unittest.TestCase):
    BATCH = {"images": torch.arange(5), "texts": list("abcde"), "more": (torch.arange(10).view(5, 2),)}

    def test_parts_have_all_samples_in_order(self):
        """Tensors and lists of a sample each are cut alike, wherever they are nested."""
        first, second = split(self.BATCH, 2)
        self.assertEqual(first["images"].tolist(), [0, 1, 2])
        self.assertEqual(second["texts"], ["d", "e"])
        self.assertEqual(second["more"][0].tolist(), [[6, 7], [8, 9]])
        self.assertEqual([size_of(part) for part in split(self.BATCH, 9)], [1] * 5)

    def test_all_tensors_are_moved(self):
        """What is no tensor stays as it is."""
        moved = to_device(self.BATCH, torch.device("meta"))
        self.assertTrue(moved["images"].is_meta and moved["more"][0].is_meta)
        self.assertEqual(moved["texts"], self.BATCH["texts"])

    def test_batches_without_a_tensor_are_refused(self):
        """Their number of samples is not known."""
        with self.assertRaisesRegex(ValueError, "^a batch without a tensor: list.$"):
            size_of(["a", "b"])
