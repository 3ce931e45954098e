"""Tests of figures that are worked out by hand."""

import math
import unittest

import torch

from {{ cookiecutter.__package_name }}.predictions import Predictions, of_processes


class TestPredictions(unittest.TestCase):
    def setUp(self):
        # Probabilities of 1/2, 1/4 and 1/4; of 1/2, 1/8 and 3/8; and so on. Any number may be added
        # to all logits of an image.
        shares = torch.tensor(
            [[0.5, 0.25, 0.25], [0.5, 0.125, 0.375], [0.25, 0.25, 0.5], [0.125, 0.125, 0.75]]
        )
        added = torch.tensor([[0.0], [5.0], [-3.0], [1.0]])
        self.found = Predictions(shares.log() + added, labels=torch.tensor([0, 1, 0, 2]))
        self.shares = shares

    def test_classes_and_their_probabilities(self):
        """The most likely class is the answer; probabilities are the softmax over classes."""
        self.assertEqual(self.found.classes.tolist(), [0, 0, 2, 2])
        torch.testing.assert_close(self.found.probabilities, self.shares)

    def test_losses_are_those_of_the_labels(self):
        """The labels have the probabilities 1/2, 1/8, 1/4 and 3/4."""
        expected = -torch.tensor([1 / 2, 1 / 8, 1 / 4, 3 / 4]).log()
        torch.testing.assert_close(self.found.losses(), expected)
        self.assertAlmostEqual(self.found.loss(), expected.mean().item(), places=6)

    def test_a_guess_has_the_loss_that_the_docstring_says(self):
        """Ten classes of the same probability."""
        guess = Predictions(torch.zeros(3, 10), torch.tensor([0, 9, 4]))
        self.assertAlmostEqual(guess.loss(), math.log(10), places=6)

    def test_accuracy(self):
        """Two of four are right; of three, the third of them."""
        self.assertEqual(self.found.accuracy(), 0.5)
        some = Predictions(self.found.logits[:3], self.found.labels[:3])
        self.assertAlmostEqual(some.accuracy(), 1 / 3, places=6)

    def test_confusion_has_labels_in_rows(self):
        """A 0 is taken for itself, another one for a 2; a 1 is taken for a 0; a 2 is found."""
        self.assertEqual(self.found.confusion().tolist(), [[1, 0, 1], [1, 0, 0], [0, 0, 1]])
        right = Predictions(torch.eye(3)[:2], torch.tensor([0, 1]))  # of the last class, no image
        self.assertEqual(right.confusion().tolist(), [[1, 0, 0], [0, 1, 0], [0, 0, 0]])

    def test_most_wrong_first(self):
        """The label with the probability 1/8 comes first, then 1/4; all four where more are asked
        for."""
        self.assertEqual(self.found.most_wrong(2), [1, 2])
        self.assertEqual(self.found.most_wrong(9), [1, 2, 0, 3])

    def test_those_of_several_processes_are_in_the_order_of_the_split(self):
        """Of three processes, the second has the images 1 and 4; with batches of two."""

        def batch(*numbers: int) -> tuple:
            return torch.tensor(numbers).view(-1, 1), torch.tensor(numbers) + 10

        for shares, size in (
            ([[batch(0, 3), batch(6)], [batch(1, 4)], [batch(2, 5)]], 7),
            ([[batch(0, 1), batch(2)]], 3),
            ([[batch(0)], [batch(1)], []], 2),  # fewer images than processes
        ):
            found = of_processes(shares)
            with self.subTest(size=size):
                self.assertEqual(found.logits.flatten().tolist(), list(range(size)))
                self.assertEqual(found.labels.tolist(), list(range(10, 10 + size)))
