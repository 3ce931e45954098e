# SPDX-License-Identifier: MIT
"""What a test case of a classifier's trainer declares besides."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from ...contract import Required
from ..probing import TrainerProbe


class ClassifierTrainerContract(TrainerProbe):
    """Attributes and hooks of AbstractTestClassifierTrainer."""

    num_classes: Any = Required("the number of classes; labels go from 0 up to one less")
    # What the training loss does besides; what evaluate() gives may be without it.
    label_smoothing = 0.0
    class_weights: Tensor | None = None
    ignore_index: int | None = None
    # Whether a new model is no better than chance, as one from a checkpoint need not be.
    starts_at_chance = True
    # Whether the training samples are drawn so that all classes are equally frequent.
    balances_classes = False

    def target_of(self, sample) -> int:
        """The label of a sample: the second of a tuple, or what a dict calls a label or target."""
        if isinstance(sample, dict):
            key = next(k for k in sample if any(n in k.lower() for n in ("label", "target", "y")))
            return int(sample[key])
        return int(sample[1])

    def reference_loss(self, logits: Tensor, targets: Tensor) -> Tensor:
        """The training loss of logits (N, num_classes): the mean cross-entropy, in nats."""
        return F.cross_entropy(
            logits,
            targets,
            weight=self.class_weights,
            label_smoothing=self.label_smoothing,
            ignore_index=-100 if self.ignore_index is None else self.ignore_index,
        )

    def loss_of_evaluation(self, trainer) -> float | None:
        """The loss among what evaluate(trainer) returns: the number itself, or called loss."""
        return named_number(self.numbers(trainer), "loss", "nll", "cross_entropy", "")

    def accuracy(self, trainer) -> float | None:
        """The accuracy, as a share or in per cent, among what evaluate(trainer) returns."""
        return named_number(self.numbers(trainer), "acc")

    def labels(self, dataset) -> Tensor:
        return torch.tensor([self.target_of(dataset[i]) for i in range(len(dataset))])


def named_number(numbers: dict[str, float], *parts: str) -> float | None:
    """The first number whose name has one of these parts; "" is for one without a name."""
    for part in parts:
        for name, value in numbers.items():
            if (part and part in name.lower()) or name == part:
                return value
    return None
