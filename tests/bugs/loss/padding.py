"""Bugs that the checks of suites/loss/padding.py are meant for."""

import torch
import torch.nn.functional as F

from ...loss_batches import classes, sequences, tokens
from ...seeding import loss_bug

IGNORED = "test_places_that_do_not_count_have_no_influence"
COUNTED = "test_places_that_count_have_an_influence"
LONGER = "test_more_padding_changes_nothing"


def padded_with_zero() -> dict:
    batch = tokens()
    return {**batch, "targets": batch["targets"].clamp(min=0), "ignore_index": 0}


@loss_bug(IGNORED, r"with other outputs in the \d+ places that do not count", padded_with_zero)
def padding_is_a_class(outputs, targets):
    return F.cross_entropy(outputs.flatten(0, 1), targets.flatten())


@loss_bug(IGNORED, r"Is the mask ignored, inverted", sequences)
def mask_forgotten(outputs, targets):
    return (outputs - targets["values"]).square().mean()


@loss_bug(IGNORED, r"with other outputs .*inverted", sequences)
def mask_inverted(outputs, targets):
    error = (outputs - targets["values"]).square()
    return error.masked_fill(targets["mask"], 0).sum() / targets["mask"].sum()


@loss_bug(IGNORED, r"with other targets in the", sequences)
def only_outputs_masked(outputs, targets):
    error = (outputs * targets["mask"] - targets["values"]).square()
    return error.sum() / targets["mask"].sum()


@loss_bug(IGNORED, r"with other outputs", tokens)
def smoothed_over_padding(outputs, targets):
    """The smoothing is the mean over all places, padded ones too."""
    log_probabilities = outputs.log_softmax(-1)
    right = F.nll_loss(log_probabilities.flatten(0, 1), targets.flatten())
    return 0.9 * right - 0.1 * log_probabilities.mean()


@loss_bug(COUNTED, r"Other outputs in the place \[0, 5\], which counts, do not change", sequences)
def mask_shifted(outputs, targets):
    mask = targets["mask"] & targets["mask"].roll(-1, 1)
    mask[:, -1] = False
    error = (outputs - targets["values"]).square() * mask
    return error.sum() / mask.sum()


@loss_bug(COUNTED, r"which counts, do not change", tokens)
def ignores_a_class_that_counts(outputs, targets):
    targets = targets.clamp(min=0).flatten()
    return F.cross_entropy(outputs.flatten(0, 1), targets, ignore_index=0)


@loss_bug(IGNORED, r"raises IndexError for targets that are ignore_index = 9.*passed on", classes,
          ignore_index=9)  # fmt: skip
def ignored_class_not_passed_on(outputs, targets):
    return F.cross_entropy(outputs, targets)


@loss_bug(
    LONGER,
    r"with more places that do not count.\nIs it divided by the number of all places",
    sequences,
)
def mean_over_masked_places(outputs, targets):
    return ((outputs - targets["values"]).square() * targets["mask"]).mean()


@loss_bug(LONGER, r"divided by the number of all places", tokens)
def mean_over_padding(outputs, targets):
    losses = F.cross_entropy(outputs.transpose(1, 2), targets, reduction="none")
    return losses.mean()


@loss_bug(LONGER, r"divided by the number of all places", sequences)
def mean_of_each_sequence_over_padding(outputs, targets):
    error = (outputs - targets["values"]).abs() * targets["mask"]
    return error.mean(1).sum() / len(outputs) + 0 * torch.ones(())


@loss_bug(IGNORED, r"with other outputs", tokens)
def padding_taken_for_the_first_class(outputs, targets):
    """Only the divisor knows of the padding."""
    labels = targets.clamp(min=0).flatten()
    return F.cross_entropy(outputs.flatten(0, 1), labels, reduction="sum") / (targets != -100).sum()
