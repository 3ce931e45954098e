# SPDX-License-Identifier: MIT
"""Which labels the images have that are most like each other."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass
class Images:
    """Some of a split, as vectors (N, D), and their labels (N,)."""

    vectors: Tensor
    labels: Tensor

    def hits_in(self, other: "Images") -> int:
        """How many have the label of the image of another split that is most like them."""
        distances = torch.cdist(self.vectors, other.vectors)
        if other is self:
            distances.fill_diagonal_(math.inf)
        return int((other.labels[distances.argmin(dim=1)] == self.labels).sum())

    def hits_by_chance(self, other: "Images") -> float:
        """The share of hits of labels in any order."""
        return (self.labels[:, None] == other.labels).double().mean().item()
