"""Bugs that the checks of suites/loss/formulas.py are meant for."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.distributions import Bernoulli, Normal, kl_divergence

from ...loss_batches import (
    binary,
    classes,
    distributions,
    normals,
    posteriors,
    probabilities,
    regression,
)
from ...seeding import loss_bug

REFERENCE = "test_equals_the_reference"
WEIGHTS = "test_classes_have_their_weights"
SWAPPED = "test_outputs_and_targets_are_not_swapped"
CLASS_WEIGHTS = (0.5, 1.0, 2.0, 1.5, 3.0)


def standard_normal(outputs, targets):
    mu, log_variance = outputs
    return kl_divergence(Normal(mu, (0.5 * log_variance).exp()), Normal(0.0, 1.0)).sum()


def normal(outputs, targets):
    return -Normal(*outputs).log_prob(targets).mean()


@loss_bug(
    REFERENCE,
    r"reference gives .*\nThey differ by no factor .* standard deviation taken for a variance",
    normals,
    reference=normal,
)
def deviation_taken_for_a_variance(outputs, targets):
    mean, deviation = outputs
    return F.gaussian_nll_loss(mean, targets, deviation, full=True)


@loss_bug(REFERENCE, r"It is always [+-]\S+ off. Is a constant missing", normals, reference=normal)
def constant_of_a_normal_missing(outputs, targets):
    mean, deviation = outputs
    return F.gaussian_nll_loss(mean, targets, deviation**2)


@loss_bug(REFERENCE, r"It is 2 times that. Is a factor", posteriors, reference=standard_normal)
def half_missing_of_a_log_variance(outputs, targets):
    mu, log_variance = outputs
    return (mu.square() + log_variance.exp() - 1 - log_variance).sum()


@loss_bug(
    REFERENCE,
    r"They differ by no factor",
    posteriors,
    reference=standard_normal,
    source="world-models#13; keras#9972; BVAE-tf#7",
)
def log_variance_taken_for_log_sigma(outputs, targets):
    mu, log_sigma = outputs
    return (0.5 * (mu.square() + (2 * log_sigma).exp() - 1) - log_sigma).sum()


@loss_bug(
    REFERENCE,
    r"It is 0.33333 times that. Is a factor, a sign or a reduction wrong",
    probabilities,
    reference=lambda outputs, targets: -Bernoulli(outputs).log_prob(targets).sum(1).mean(),
)
def mean_where_bits_add_up(outputs, targets):
    return F.binary_cross_entropy(outputs, targets)


@loss_bug(
    REFERENCE,
    r"They differ by no factor",
    regression,
    reference=lambda outputs, targets: torch.nn.HuberLoss(delta=0.5)(outputs, targets),
)
def huber_with_another_threshold(outputs, targets):
    return F.huber_loss(outputs, targets, delta=1.0)


@loss_bug(WEIGHTS, r"Classes have the weights .*\nAre they in another order", classes,
          class_weights=CLASS_WEIGHTS)  # fmt: skip
class WeightsReversed(nn.CrossEntropyLoss):
    def __init__(self):
        super().__init__(weight=torch.tensor(CLASS_WEIGHTS).flip(0))


@loss_bug(WEIGHTS, r"taken by another index", classes, class_weights=CLASS_WEIGHTS)
def weights_by_what_is_predicted(outputs, targets):
    weights = outputs.new_tensor(CLASS_WEIGHTS)[outputs.argmax(1)]
    return (weights * F.cross_entropy(outputs, targets, reduction="none")).mean()


@loss_bug(WEIGHTS, r"those of the other class", binary, class_weights=(0.75, 0.25))
def alpha_of_the_other_class(outputs, targets):
    cross_entropy = F.binary_cross_entropy_with_logits(outputs, targets, reduction="none")
    weight = 0.25 * (1 - targets) + 0.75 * targets
    return (weight * (1 - torch.exp(-cross_entropy)) ** 2 * cross_entropy).mean()


@loss_bug(
    WEIGHTS, r"Classes have the weights \[1.6, 1.6, 1.6", classes, class_weights=CLASS_WEIGHTS
)
def weights_forgotten(outputs, targets):
    return F.cross_entropy(outputs, targets)


@loss_bug(SWAPPED, r"as if these were the truth.\nAre outputs and targets swapped", probabilities)
def cross_entropy_swapped(outputs, targets):
    return F.binary_cross_entropy(targets, outputs)


@loss_bug(SWAPPED, r"Are outputs and targets swapped",
          lambda: {**distributions(), "outputs": torch.randn(6, 5).softmax(1)})  # fmt: skip
def outputs_weigh_logarithms_of_targets(outputs, targets):
    return -(outputs * targets.clamp(min=1e-8).log()).sum(1).mean()
