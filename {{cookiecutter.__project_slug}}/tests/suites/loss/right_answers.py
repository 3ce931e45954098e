# SPDX-License-Identifier: MIT
"""Which outputs are the right ones, and what others cost. There are no tests in here."""

import math
from functools import cached_property
from unittest import SkipTest

import torch
from torch import Tensor

from ..instruments.calls import tensors_in
from ..instruments.comparing import rms
from ..instruments.nested import mapped, replaced
from .probing import LossProbe
from .readings import Reading, given, of_classes, of_values

# How far answers near the right ones may be cheaper, of what the others cost more.
SLACK = 0.05


class RightAnswers(LossProbe):
    """What is known of the right answers. Part of AbstractTestLoss."""

    def others(self, reading: Reading) -> dict[str, float]:
        """The loss of answers that are not right."""
        costs = {"wrong ones": self.value(reading.wrong())}
        if not reading.hard:
            costs["the given outputs"] = self.value(self.precise_outputs)
        return costs

    def cheapest_near(self, reading: Reading) -> float:
        """The least loss of a few steps from the right answers down their gradient."""
        right = self.value(reading.right())
        if reading.hard or self.reduction is None:
            return right  # the surer, the cheaper; the farther apart in a contrastive loss
        scores = mapped(lambda x: x.detach().requires_grad_(), reading.right_scores)
        leaves = tensors_in(scores)
        loss = self.result(reading.outputs(scores), self.precise_targets, self.precise_loss()).sum()
        if not loss.requires_grad:
            return right
        found = torch.autograd.grad(loss, leaves, allow_unused=True)
        pairs = zip(leaves, found, strict=True)
        gradients = [torch.zeros_like(x) if g is None else g for x, g in pairs]
        size = rms(torch.cat([g.flatten() for g in gradients]))
        if not 0 < size < math.inf:
            return right
        spread = rms(torch.cat([x.flatten() for x in tensors_in(self.precise_outputs)]))
        costs = [right]
        for step in (0.01, 0.03, 0.1, 0.3, 1.0):
            length = step * spread / size
            moved = [x.detach() - length * g for x, g in zip(leaves, gradients, strict=True)]
            costs.append(self.value(reading.outputs(replaced(scores, moved))))
        return min(cost for cost in costs if not math.isnan(cost))

    def required_reading(self) -> Reading:
        if self.reading is None:
            raise SkipTest(
                "perfect_outputs is not declared, and does not follow from targets of this form."
            )
        return self.reading

    @cached_property
    def reading(self) -> Reading | None:
        """The right and the wrong answers, or None where they are not known."""
        outputs, targets = self.precise_outputs, self.precise_targets
        if self.perfect_outputs is not None:
            perfect = mapped(lambda x: x.to(tensors_in(outputs)[0].dtype), self.perfect_outputs)
            readings = given(perfect, outputs, self.batch_axis)
            return max(readings, key=lambda reading: self.value(reading.wrong()))
        if not isinstance(outputs, Tensor) or not isinstance(targets, Tensor):
            return None
        if outputs.numel() == targets.numel():
            readings = of_values(outputs, targets, self.outputs_are)
        elif targets.is_floating_point() or self.compares_vectors():
            return None
        else:
            readings = of_classes(outputs, targets, self.outputs_are, self.label_smoothing)
        return self.likeliest(readings)

    def compares_vectors(self) -> bool:
        """Whether outputs for class indices are vectors, not a number for each class."""
        undeclared = self.reduction is None and self.outputs_are is None
        return undeclared or self.outputs_are == "values"

    def likeliest(self, readings: list[Reading]) -> Reading | None:
        """The first reading by which right answers cost least, or else the last one."""
        for reading in readings[:-1]:
            try:
                right, others = self.value(reading.right()), self.others(reading)
                gain = right - self.cheapest_near(reading)
            except (RuntimeError, ValueError):
                continue  # such outputs are refused
            if right < min(others.values()) and gain <= SLACK * (max(others.values()) - right):
                return reading
        return readings[-1] if readings else None
