"""Bugs that the checks of suites/loss/samples.py are meant for."""

import torch
import torch.nn.functional as F

from ...loss_batches import (
    binary,
    classes,
    kl,
    masks,
    posteriors,
    reconstruction,
    regression,
    vae,
)
from ...seeding import loss_bug

SHAPE = "test_loss_has_the_declared_shape"
REDUCTION = "test_loss_of_a_batch_is_the_reduction_of_its_samples"
ELEMENTS = "test_elements_of_a_sample_are_summed"
BROADCAST = "test_outputs_and_targets_do_not_broadcast"


def column_and_row() -> dict:
    """Outputs (N, 1), targets (N,)."""
    return {"outputs": torch.randn(6, 1), "targets": torch.randn(6)}


@loss_bug(
    SHAPE,
    r"6 samples has the shape \(\), with reduction 'none'.\nIs the reduction ignored",
    regression,
    source="Liger-Kernel#488",
    reduction="none",
)
def ignores_that_it_should_not_reduce(outputs, targets):
    return F.mse_loss(outputs, targets)


@loss_bug(SHAPE, r"shape \(6,\); expected a number, their mean", classes, reduction="mean")
def forgets_to_reduce(outputs, targets):
    return F.cross_entropy(outputs, targets, reduction="none")


@loss_bug(REDUCTION, r"Expected their mean.\nDeclare what it is", regression, reduction="mean")
def summed_where_the_mean_is_meant(outputs, targets):
    return F.mse_loss(outputs, targets, reduction="sum")


@loss_bug(REDUCTION, r"Expected their sum.\nDeclare what it is", binary, reduction="sum")
def averaged_where_the_sum_is_meant(outputs, targets):
    return F.binary_cross_entropy_with_logits(outputs, targets)


@loss_bug(
    REDUCTION,
    r"Expected their sum or a mean.\nDo outputs and targets broadcast",
    column_and_row,
    source="pytorch#16045, pytorch#19699, CoursIA#926, DeepSets#1",
)
def compares_all_with_all(outputs, targets):
    return (outputs - targets).square().mean()


@loss_bug(
    REDUCTION,
    r"Expected their sum or a mean.*a softmax over dim=0",
    classes,
    source="forum 77250 (PYSIASSIST)",
)
def softmax_over_the_batch(outputs, targets):
    return F.nll_loss(outputs.log_softmax(dim=0), targets)


@loss_bug(
    REDUCTION,
    r"sum or a mean.*some terms summed and others averaged",
    vae,
    source="pytorch/examples#234, #290, #592; MMVAE#19",
)
def error_averaged_and_divergence_summed(outputs, images):
    return F.mse_loss(outputs[0], images) + kl(outputs, images) * len(images)


@loss_bug(REDUCTION, r"sum or a mean.*some terms summed", vae, source="GNTPP#4")
def divergence_summed_before_it_is_averaged(outputs, images):
    """sum() without an axis, and then a mean over samples of the scalar times the errors."""
    errors = (outputs[0] - images).square().sum(1)
    divergence = kl(outputs, images) * len(images)
    return (errors + divergence).mean()


@loss_bug(REDUCTION, r"Expected their sum or a mean", regression)
def root_over_the_batch(outputs, targets):
    return (outputs - targets).square().sum().sqrt()


@loss_bug(REDUCTION, r"Expected their sum or a mean", regression)
def divided_by_one_sample_less(outputs, targets):
    return (outputs - targets).square().sum() / (len(outputs) - 0.5)


@loss_bug(
    REDUCTION,
    r"Expected their mean.\nDo outputs",
    lambda: {**classes(), "targets": torch.tensor([0, 1, 2, 3, 4, 0])},
    reduction="mean",
)
def targets_of_the_next_sample(outputs, targets):
    return F.cross_entropy(outputs, targets.roll(1))


@loss_bug(
    REDUCTION,
    r"shape \(4, 4\), and sample 0 has another value in it than alone \(\(1, 1\)\).\nDo outputs",
    column_and_row,
    reduction="none",
)
def each_with_all(outputs, targets):
    return (outputs - targets).abs()


@loss_bug(
    REDUCTION,
    r"takes 4 samples, and raises for the samples \[0\]: .*\nIs another axis taken",
    lambda: {
        "outputs": torch.randn(4, 6, 5).log_softmax(-1),
        "targets": torch.tensor([[1, 2], [2, 3], [4, 1], [3, 1]]),
    },
)
def time_axis_second(outputs, targets):
    """CTC in torch takes (T, N, C); with as many steps as samples it does not notice."""
    lengths = torch.full((outputs.shape[1],), 4)
    targets = targets.repeat(2, 1)[: outputs.shape[1]]
    return F.ctc_loss(outputs, targets, lengths, torch.full((len(targets),), 2))


@loss_bug(REDUCTION, r"Alone, sample 0 has a loss of nan", regression)
def standardised_over_the_batch(outputs, targets):
    spread = (outputs - targets).std(0)
    return ((outputs - targets) / spread).square().mean()


@loss_bug(
    ELEMENTS,
    r"as sums give.\nIs a term averaged over its elements",
    vae,
    source="pytorch/examples#296, #419; benchmark_VAE#125",
    reduction="batchmean",
)
def error_averaged_over_pixels(outputs, images):
    return F.mse_loss(outputs[0], images) + kl(outputs, images)


@loss_bug(ELEMENTS, r"Is a term averaged", posteriors, reduction="batchmean")
def divergence_averaged_over_dimensions(outputs, targets):
    mu, log_variance = outputs
    return 0.5 * (mu.square() + log_variance.exp() - 1 - log_variance).mean()


@loss_bug(
    BROADCAST,
    r"shape \(6, 1\) and targets of shape \(6,\) have a loss of .*\nDo they broadcast\?",
    column_and_row,
    source="TALENT#92, #64; pytorch_geometric_temporal#233",
    reduction=None,
)
def squared_error_of_a_column(outputs, targets):
    return F.mse_loss(outputs, targets)


@loss_bug(
    BROADCAST,
    r"Do they broadcast\?",
    lambda: {**masks(), "targets": masks()["targets"].squeeze(1)},
)
def masks_without_channels(outputs, targets):
    probabilities = outputs.sigmoid()
    return (probabilities - targets).abs().mean() + 0 * reconstruction((outputs,), outputs)
