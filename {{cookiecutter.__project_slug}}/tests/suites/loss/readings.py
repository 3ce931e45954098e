# SPDX-License-Identifier: MIT
"""What the right and the wrong outputs for given targets are. There are no tests in here.

How outputs are to be read (as logits, probabilities, ...) is declared, or plain from their values.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ..instruments.calls import tensors_in
from ..instruments.nested import mapped, replaced

# Of a right answer that is sure but not certain: about 98 % against one other class.
SURE = 4.0
# Of one whose probability is 1 in float64.
CERTAIN = 60.0


def identity(tensor: Tensor) -> Tensor:
    return tensor


@dataclass(frozen=True)
class Reading:
    """Outputs for targets, as scores that an activation makes outputs of.

    Hard answers name one class each. They have scores of either sign, and are surer, the larger
    these are; others are right at one value.
    """

    kind: str
    right_scores: Tensor | tuple | list | dict
    wrong_scores: Tensor | tuple | list | dict
    activation: Callable = identity
    hard: bool = False
    axis: int = 1  # of the classes

    def outputs(self, scores):
        return mapped(self.activation, scores)

    def right(self, certainty: float = SURE):
        return self.outputs(self.scores(self.right_scores, certainty))

    def wrong(self, certainty: float = SURE):
        return self.outputs(self.scores(self.wrong_scores, certainty))

    def scores(self, scores, certainty: float = SURE):
        return mapped(lambda x: x * certainty, scores) if self.hard else scores

    def one_wrong(self, sample: int, axis: int, certainty: float = SURE):
        """Right answers for all samples but one."""
        right, wrong = tensors_in(self.right(certainty)), tensors_in(self.wrong(certainty))
        mixed = [exchanged(a, b, sample, axis) for a, b in zip(right, wrong, strict=True)]
        return replaced(self.right_scores, mixed)

    def wrong_where(self, places: Tensor, certainty: float = SURE) -> Tensor:
        """Right answers but for some places of the targets, of one tensor."""
        right, wrong = self.right(certainty), self.wrong(certainty)
        if places.numel() == right.numel():
            return torch.where(places.reshape(right.shape), wrong, right)
        return torch.where(places.unsqueeze(self.axis), wrong, right)


def exchanged(tensor: Tensor, other: Tensor, index: int, axis: int) -> Tensor:
    """A tensor with one slice of another one."""
    if tensor.dim() <= axis or tensor.shape[axis] <= index:
        return tensor
    tensor = tensor.clone()
    tensor.select(axis, index).copy_(other.select(axis, index))
    return tensor


def given(perfect, outputs, axis: int) -> list[Reading]:
    """Perfect outputs that are declared, with several that are wrong.

    These are the given outputs, the perfect ones of other samples, and what no longer fits
    together: a part of the perfect outputs with that of another sample, or two parts swapped.
    """
    parts = tensors_in(perfect)
    rolled = [x.roll(1, axis) if x.dim() > axis else x for x in parts]
    tries = [outputs, replaced(perfect, rolled), replaced(perfect, [rolled[0], *parts[1:]])]
    if len(parts) > 1 and parts[-1].shape == parts[-2].shape:
        tries.append(replaced(perfect, [*parts[:-2], parts[-1], parts[-2]]))
    return [Reading("perfect_outputs", perfect, wrong) for wrong in tries]


def of_classes(outputs: Tensor, targets: Tensor, kind: str | None, smoothing: float):
    """The readings of outputs for class indices: none where these are no classes of the outputs."""
    readings = []
    for axis in class_axes(outputs, targets):
        classes = outputs.shape[axis]
        if classes < 2 or targets.max() >= classes:
            continue
        found = kind or kind_of(outputs, axis) or "logits"
        index = targets.clamp(min=0)
        right, wrong = (
            F.one_hot(i, classes).movedim(-1, axis).to(outputs.dtype)
            for i in (index, (index + 1) % classes)
        )
        if smoothing:
            share = smoothing / classes
            right, wrong = ((x * (1 - smoothing) + share).log() for x in (right, wrong))
        hard = not smoothing
        readings.append(Reading(found, right, wrong, activation_of(found, axis), hard, axis))
    return readings


def class_axes(outputs: Tensor, targets: Tensor) -> list[int]:
    """The axes without which the outputs have the shape of the targets: 1, or the last."""
    shape = tuple(outputs.shape)
    if len(shape) != targets.dim() + 1:
        return []
    axes = dict.fromkeys((1, len(shape) - 1))
    return [a for a in axes if shape[:a] + shape[a + 1 :] == tuple(targets.shape)]


def kind_of(outputs: Tensor, axis: int) -> str | None:
    """What outputs are that are normalised along an axis."""
    for kind, probabilities in (("probabilities", outputs), ("log_probabilities", outputs.exp())):
        total = probabilities.detach().double().sum(axis)
        if (probabilities >= 0).all() and torch.allclose(total, torch.ones_like(total), atol=1e-3):
            return kind
    return None


def activation_of(kind: str, axis: int | None) -> Callable:
    """From scores to outputs of a kind; without an axis, each for itself."""
    if kind == "probabilities":
        return torch.sigmoid if axis is None else lambda x: x.softmax(axis)
    if kind == "log_probabilities":
        return F.logsigmoid if axis is None else lambda x: x.log_softmax(axis)
    return identity


def of_values(outputs: Tensor, targets: Tensor, kind: str | None) -> list[Reading]:
    """The readings of outputs for targets of the same shape, the likeliest one last."""
    targets = targets.to(outputs.dtype).reshape(outputs.shape)
    if kind == "values":
        return [values(targets)]
    axis = axis_of_distributions(outputs, targets)
    found = kind or (kind_of(outputs, axis) if axis is not None else None)
    if found is None and outputs.min() >= 0 and outputs.max() <= 1:
        found = "probabilities"
        axis = axis if axis is not None and kind_of(outputs, axis) else None
    levels = {level.item() for level in targets.unique()[:3]}
    if levels <= {0.0, 1.0} or levels == {-1.0, 1.0}:
        signs = targets if -1.0 in levels else 2 * targets - 1
        squashed = found or "logits"
        reading = Reading(squashed, signs, -signs, activation_of(squashed, axis), hard=True)
        other = -targets if -1.0 in levels else 1 - targets
        return [Reading("values", targets, other), reading] if found is None else [reading]
    if axis is not None:
        return distributions(targets, found, axis)
    return soft_values(targets, found)


def values(targets: Tensor) -> Reading:
    """Outputs that should equal the targets."""
    return Reading("values", targets, other_than(targets))


def other_than(targets: Tensor) -> Tensor:
    """Targets of the next sample; another number where that has the same."""
    others = targets.roll(1, 0)
    steps = torch.linspace(1, 2, targets.numel()).to(targets).view_as(targets)
    return torch.where(torch.isclose(others, targets), targets + steps, others)


def axis_of_distributions(outputs: Tensor, targets: Tensor) -> int | None:
    for axis in dict.fromkeys((1, outputs.dim() - 1)):
        several = 0 < axis < outputs.dim() and outputs.shape[axis] > 1
        if several and kind_of(targets, axis):
            return axis
    return None


def distributions(targets: Tensor, kind: str | None, axis: int) -> list[Reading]:
    """Outputs that should be the targets, probabilities along an axis or their logarithms."""
    logarithms = (targets < 0).any()
    right = targets if logarithms else targets.clamp(min=1e-6).log()
    wrong = right.roll(1, axis)
    reading = Reading(kind or "logits", right, wrong, activation_of(kind or "logits", axis))
    return [reading] if kind else [values(targets), reading]


def soft_values(targets: Tensor, kind: str | None) -> list[Reading]:
    """Outputs that should equal targets which are any numbers, or those from 0 to 1 as logits."""
    others = []
    if targets.min() >= 0 and targets.max() <= 1:
        scores = targets.logit(eps=1e-4)
        squashed = kind or "logits"
        others = [Reading(squashed, scores, other_than(scores), activation_of(squashed, None))]
        if kind:
            return others
    elif targets.min() > 0:
        logs = targets.log()  # of rates, as in a Poisson distribution
        others = [Reading("logarithms", logs, other_than(logs))]
    return [*others, values(targets)]
