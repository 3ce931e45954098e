"""Losses of regression and of distributions over numbers."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.distributions import Normal

from ...loss_batches import normals, regression
from ...varying import loss


@loss(regression)
def squared_error(outputs, targets):
    return F.mse_loss(outputs, targets)


@loss(lambda: {"outputs": torch.rand(3, 1, 4, 4), "targets": torch.rand(3, 1, 4, 4)})
def squared_error_of_images(outputs, targets):
    return F.mse_loss(outputs, targets, reduction="sum") / len(outputs)


@loss(regression, reduction="batchmean")
def squared_error_summed_over_elements(outputs, targets):
    return (outputs - targets).square().sum() / len(outputs)


@loss(regression)
class AbsoluteError(nn.L1Loss):
    pass


@loss(regression)
def smooth_absolute_error(outputs, targets):
    return F.smooth_l1_loss(outputs, targets)


@loss(regression, reduction="mean")
def huber(outputs, targets):
    return F.huber_loss(outputs, targets, delta=0.5)


@loss(regression)
def log_cosh(outputs, targets):
    """The stable form: log cosh x = |x| + log((1 + exp(-2 |x|)) / 2)."""
    error = (outputs - targets).abs()
    return (error + torch.log1p(torch.exp(-2 * error)) - torch.tensor(2.0).log()).mean()


@loss(lambda: {"outputs": torch.randn(6, 1), "targets": torch.randn(6)})
def takes_columns_and_rows(outputs, targets):
    return F.mse_loss(outputs.flatten(), targets)


@loss(regression, reduction=None)
def root_of_the_mean(outputs, targets):
    return (F.mse_loss(outputs, targets) + 1e-8).sqrt()


@loss(regression)
def quantile(outputs, targets):
    """The pinball loss of the quantile 0.9."""
    error = targets - outputs
    return torch.maximum(0.9 * error, -0.1 * error).mean()


@loss(lambda: {"outputs": torch.randn(6, 3), "targets": torch.randn(6)}, perfect_outputs=None)
def several_quantiles(outputs, targets):
    levels = torch.tensor([0.1, 0.5, 0.9]).to(outputs)
    error = targets[:, None] - outputs
    return torch.maximum(levels * error, (levels - 1) * error).mean()


@loss(lambda: {"outputs": torch.randn(6), "targets": torch.randint(1, 9, (6,)).float()})
def poisson(outputs, targets):
    return F.poisson_nll_loss(outputs, targets)


@loss(lambda: {"outputs": torch.randn(6), "targets": torch.tensor([0.0, 3, 1, 5, 0, 2])},
      perfect_outputs=torch.tensor([1e-3, 3, 1, 5, 1e-3, 2]).log())  # fmt: skip
def poisson_with_zeros(outputs, targets):
    return F.poisson_nll_loss(outputs, targets, full=True)


@loss(normals)
def gaussian(outputs, targets):
    mean, variance = outputs
    return F.gaussian_nll_loss(mean, targets, variance)


@loss(normals, reference=lambda outputs, targets: -Normal(*outputs).log_prob(targets).mean())
def gaussian_of_a_standard_deviation(outputs, targets):
    mean, deviation = outputs
    squared = ((targets - mean) / deviation).square()
    return (0.5 * squared + deviation.log() + 0.5 * torch.tensor(2 * torch.pi).log()).mean()


@loss(lambda: {"outputs": {"mean": torch.randn(6), "log_variance": torch.randn(6)},
               "targets": torch.randn(6)})  # fmt: skip
def gaussian_of_a_log_variance(outputs, targets):
    error = (outputs["mean"] - targets).square()
    return 0.5 * (error * (-outputs["log_variance"]).exp() + outputs["log_variance"]).mean()


def two_tasks() -> dict:
    labels = torch.tensor([0.0, 1, 1, 0, 1])
    return {
        "outputs": (torch.randn(5, 2), torch.randn(5)),
        "targets": {"points": torch.randn(5, 2), "labels": labels},
    }


@loss(two_tasks)
class LearnsTheWeightsOfItsTasks(nn.Module):
    """See Kendall et al., "Multi-Task Learning Using Uncertainty" (2018)."""

    def __init__(self):
        super().__init__()
        self.log_variances = nn.Parameter(torch.zeros(2))

    def forward(self, outputs, targets):
        losses = torch.stack([
            F.mse_loss(outputs[0], targets["points"]),
            F.binary_cross_entropy_with_logits(outputs[1], targets["labels"]),
        ])  # fmt: skip
        return ((-self.log_variances).exp() * losses + self.log_variances).sum()


def pixels_with_depth() -> dict:
    return {
        "outputs": {"classes": torch.randn(3, 4, 5, 5), "depth": torch.rand(3, 5, 5) + 0.5},
        "targets": {
            "classes": torch.randint(4, (3, 5, 5)),
            "depth": torch.rand(3, 5, 5) + 0.5,
            "measured": torch.rand(3, 5, 5) > 0.3,
        },
    }


@loss(pixels_with_depth)
def classes_and_depth(outputs, targets):
    """Two means, of which the second has weights: together no weighted mean of samples."""
    error = (outputs["depth"].log() - targets["depth"].log()).abs() * targets["measured"]
    cross_entropy = F.cross_entropy(outputs["classes"], targets["classes"])
    return cross_entropy + error.sum() / targets["measured"].sum()


@loss(lambda: {"outputs": 3 * torch.randn(6, 2), "targets": 3 * torch.randn(6, 2)})
def wing(outputs, targets):
    """See Feng et al. (2018)."""
    error = (outputs - targets).abs()
    near = 2 * torch.log1p(2 * error)
    return torch.where(error < 2, near, error - 2 + 2 * torch.tensor(5.0).log()).mean()


@loss(lambda: {"outputs": boxes(), "targets": boxes(), "perfect_loss": 0.0})
def generalized_overlap(outputs, targets):
    """See Rezatofighi et al. (2019)."""
    common, either = overlap(outputs, targets)
    sides = torch.maximum(outputs, targets)[:, 2:] - torch.minimum(outputs, targets)[:, :2]
    hull = sides.prod(1)
    return (1 - common / (either + 1e-9) + (hull - either) / (hull + 1e-9)).mean()


def boxes() -> torch.Tensor:
    """Left, top, right and bottom of five of them."""
    corners = 5 * torch.rand(5, 2)
    return torch.cat([corners, corners + 3 * torch.rand(5, 2) + 0.5], dim=1)


def overlap(first: torch.Tensor, second: torch.Tensor) -> tuple:
    """What two boxes have in common, and what either has."""
    sides = torch.minimum(first, second)[:, 2:] - torch.maximum(first, second)[:, :2]
    common = sides.clamp(min=0).prod(1)
    areas = [(x[:, 2:] - x[:, :2]).prod(1) for x in (first, second)]
    return common, areas[0] + areas[1] - common


@loss(lambda: {"outputs": torch.randn(7), "targets": (torch.rand(7), torch.arange(7) % 3 < 2)},
      reduction=None)  # fmt: skip
def partial_likelihood(outputs, targets):
    """Of survival times, some of which are censored: see Cox (1975)."""
    times, died = targets
    at_risk = torch.where(times[None] >= times[:, None], outputs[None], -torch.inf)
    return -((outputs - at_risk.logsumexp(1)) * died).sum() / died.sum()


@loss(lambda: {"outputs": torch.randn(4, 5), "targets": torch.randint(4, (4, 5)).float()})
def list_wise_ranking(outputs, targets):
    """See Cao et al., ListNet (2007)."""
    return -(targets.softmax(1) * outputs.log_softmax(1)).sum(1).mean()


@loss(lambda: {"outputs": torch.randn(3, 1, 6, 6), "targets": torch.randn(3, 1, 6, 6)})
def squared_error_and_smoothness(outputs, targets):
    return F.mse_loss(outputs, targets) + 0.02 * outputs.diff(dim=-1).abs().mean()


@loss(lambda: {"outputs": torch.randn(6, 5), "targets": torch.randn(6, 5)})
def cosine_distance(outputs, targets):
    return (1 - F.cosine_similarity(outputs, targets)).mean()
