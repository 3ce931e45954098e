"""Bugs that the checks of suites/loss/extremes.py are meant for."""

import torch
import torch.nn.functional as F

from ...loss_batches import (
    binary,
    class_probabilities,
    classes,
    distributions,
    masks,
    pairs,
    probabilities,
    regression,
    triplets,
)
from ...seeding import loss_bug

FINITE = "test_loss_and_gradient_are_finite"


@loss_bug(FINITE, r"The loss is nan for targets that are all 0.\nIs there", masks)
def dice_of_an_empty_mask(outputs, targets):
    p, t = outputs.sigmoid().flatten(1), targets.flatten(1)
    return (1 - 2 * (p * t).sum(1) / (p.sum(1) + t.sum(1))).mean()


@loss_bug(FINITE, r"gradient is not finite, for right answers", classes)
def logarithm_of_softmax(outputs, targets):
    return -outputs.softmax(1).log().gather(1, targets[:, None]).mean()


@loss_bug(FINITE, r"The loss is (nan|inf)|gradient is not", binary)
def logarithm_of_one_less_sigmoid(outputs, targets):
    p = outputs.sigmoid()
    return -(targets * p.log() + (1 - targets) * (1 - p).log()).mean()


@loss_bug(FINITE, r"for (right|wrong) answers", probabilities)
def logarithm_of_zero(outputs, targets):
    return -(targets * outputs.log() + (1 - targets) * (1 - outputs).log()).mean()


@loss_bug(FINITE, r"for wrong answers", class_probabilities)
def logarithm_of_a_probability(outputs, targets):
    return -outputs.gather(1, targets[:, None]).log().mean()


@loss_bug(FINITE, r"for outputs 10 times as large|for (right|wrong) answers", classes)
def sum_of_exponentials(outputs, targets):
    return (outputs.exp().sum(1).log() - outputs.gather(1, targets[:, None])[:, 0]).mean()


@loss_bug(FINITE, r"nan for targets that are certain", distributions)
def zero_times_its_logarithm(outputs, targets):
    return (targets * (targets.log() - outputs)).sum(1).mean()


@loss_bug(FINITE, r"gradient is not finite, for right answers", regression)
def root_at_zero(outputs, targets):
    return (outputs - targets).square().sum(1).sqrt().mean()


@loss_bug(FINITE, r"for outputs that are zero", pairs)
def division_by_a_norm(outputs, targets):
    first, second = (x / x.square().sum(1, keepdim=True).sqrt() for x in outputs)
    return F.cross_entropy(first @ second.T / 0.1, torch.arange(len(first)))


@loss_bug(FINITE, r"gradient is not finite, for", triplets)
def distance_of_equal_vectors(outputs, targets):
    anchor, positive, negative = outputs
    near, far = ((anchor - x).square().sum(1).sqrt() for x in (positive, negative))
    return (near - far + 1).clamp(min=0).mean()


@loss_bug(FINITE, r"for outputs far from the targets", regression)
def logarithm_of_cosh(outputs, targets):
    return (outputs - targets).cosh().log().mean()


@loss_bug(
    FINITE,
    r"The loss is nan for the given outputs",
    lambda: {**regression(), "targets": -torch.rand(6, 3)},
)
def logarithm_of_negative_targets(outputs, targets):
    return (outputs - targets.log()).square().mean()


@loss_bug(FINITE, r"gradient is not finite, for", masks)
def focal_with_a_root(outputs, targets):
    """gamma below 1 has an infinite slope where an answer is certain."""
    cross_entropy = F.binary_cross_entropy_with_logits(outputs, targets, reduction="none")
    return ((1 - torch.exp(-cross_entropy)) ** 0.5 * cross_entropy).mean()
