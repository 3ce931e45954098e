"""What a classifier says about the images of a split, and how good that is."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor


@dataclass
class Predictions:
    """Logits (N, number of classes) for N images, in their order, and their labels (N,)."""

    logits: Tensor
    labels: Tensor

    @property
    def classes(self) -> Tensor:
        """The most likely class of every image, (N,)."""
        return self.logits.argmax(dim=1)

    @property
    def probabilities(self) -> Tensor:
        """The probability of every class, (N, number of classes)."""
        return self.logits.softmax(dim=1)

    def losses(self) -> Tensor:
        """The cross-entropy of every image, (N,): minus the logarithm of the probability, in nats,
        that its label has."""
        return F.cross_entropy(self.logits, self.labels, reduction="none")

    def loss(self) -> float:
        """The mean cross-entropy; that of a guess is ln(number of classes)."""
        return self.losses().mean().item()

    def accuracy(self) -> float:
        """The share of images whose label is the most likely class."""
        return (self.classes == self.labels).float().mean().item()

    def confusion(self) -> Tensor:
        """How many images of each class (rows) are taken for each class (columns)."""
        size = self.logits.shape[1]
        pairs = self.labels * size + self.classes  # each pair of classes has a number of its own
        return torch.bincount(pairs, minlength=size * size).view(size, size)

    def most_wrong(self, n: int) -> list[int]:
        """The numbers of the n images with the largest loss, the largest first."""
        return self.losses().argsort(descending=True, stable=True)[:n].tolist()


def of_processes(shares: Sequence[Sequence[tuple[Tensor, Tensor]]]) -> Predictions:
    """The predictions for a split of which each of several processes has every so manieth image.

    shares: of every process, logits and labels of each of its batches.
    """
    # Of very few images, some processes have none.
    joined = [map(torch.cat, zip(*batches, strict=True)) for batches in shares if batches]
    return Predictions(*map(interleaved, zip(*joined, strict=True)))


def interleaved(shares: Sequence[Tensor]) -> Tensor:
    """The first row of every share, then the second of every share, and so on."""
    rows = torch.cat(list(shares))
    for number, share in enumerate(shares):
        rows[number :: len(shares)] = share
    return rows
