# SPDX-License-Identifier: MIT
"""Whether the loss of a batch is a mean of those of its samples, with whatever weights.

There are no tests in here.
"""

import torch
from torch import Tensor

from ..instruments.nested import mapped
from .probing import LossProbe
from .readings import exchanged


class Means(LossProbe):
    """Judges means. Part of AbstractTestLoss."""

    def is_weighted_mean(self, alone: dict[int, float], whole: float) -> bool:
        """Whether positive weights, read off pairs of samples, explain larger batches."""
        first = max(alone, key=lambda sample: alone[sample])
        weights = {first: 1.0}
        for other in alone.keys() - {first}:
            pair = self.result_of([first, other]).sum().item()
            if self.same(pair, alone[other], 1e-6):
                return False  # the first one would have no weight
            weight = (alone[first] - pair) / (pair - alone[other])
            if not weight > 0 and not self.same(alone[first], alone[other], 1e-3):
                return False
            if not self.same(alone[first], alone[other], 1e-3):
                weights[other] = weight
        if len(weights) < 2:  # all have one loss, and any mean would be the same
            return self.same(whole, alone[first], 1e-3)
        twice = [first, *weights]
        for indices in (list(weights), twice):
            expected = sum(weights[i] * alone[i] for i in indices)
            expected /= sum(weights[i] for i in indices)
            if not self.same(self.result_of(indices).sum().item(), expected, 1e-5):
                return False
        return True

    def adds_up_means(self, indices: list[int], whole: float) -> bool:
        """Whether several means, each with weights of its own, explain what samples do together.

        With every sample twice they are the same; no sample's outputs matter for the gradient of
        another; and it matters which targets are whose, as it does not where they broadcast.
        """
        outputs, targets = self.chosen(indices, self.precise_outputs, self.precise_targets)
        if not self.same(self.result_of(indices * 2).sum().item(), whole):
            return False
        if self.targets is not None:
            others = self.chosen(self.turned(1), self.precise_outputs, self.precise_targets)[1]
            if self.same(
                self.value(self.precise_outputs), self.value(self.precise_outputs, others)
            ):
                return False
        gradients, others = (
            self.gradients(x, targets) for x in (outputs, mapped(self.changed_but_first, outputs))
        )
        pairs = zip(gradients, others, strict=True)
        axis = self.batch_axis
        return all(torch.allclose(a.select(axis, 0), b.select(axis, 0)) for a, b in pairs)

    def changed_but_first(self, tensor: Tensor) -> Tensor:
        """Outputs that are a little smaller, except for the first sample."""
        if not tensor.is_floating_point():
            return tensor
        return exchanged(0.9 * tensor, tensor, 0, self.batch_axis)

    def same(self, first, second, tolerance: float = 0.0) -> bool:
        scale = max(abs(float(first)), abs(float(second)), 1e-6)
        return abs(float(first) - float(second)) <= max(tolerance, self.tolerance) * scale
