"""Bugs that the checks of suites/loss/state.py are meant for."""

import torch
import torch.nn.functional as F
from torch import nn

from ...loss_batches import classes, masks, regression, tokens
from ...seeding import loss_bug

UNMODIFIED = "test_arguments_are_not_modified"
DETERMINISTIC = "test_loss_is_deterministic"
REMEMBERS = "test_loss_remembers_nothing"
MOVES = "test_moves_to_another_device"


@loss_bug(UNMODIFIED, r"The loss modifies its outputs.\nIs there an in-place", regression)
def subtracts_in_place(outputs, targets):
    with torch.no_grad():
        outputs.clamp_(-1, 1)
    return F.mse_loss(outputs, targets)


@loss_bug(UNMODIFIED, r"The loss modifies its targets", tokens)
def marks_padding_in_place(outputs, targets):
    targets[targets == -100] = 0
    return F.cross_entropy(outputs.flatten(0, 1), targets.flatten())


@loss_bug(DETERMINISTIC, r"Under two seeds, the loss is .*training mode, with dropout", regression)
class DropsFeatures(nn.Module):
    """The frozen network is never put in eval mode."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Linear(3, 8), nn.Dropout(0.5)).requires_grad_(False)

    def forward(self, outputs, targets):
        return F.mse_loss(self.features(outputs), self.features(targets))


@loss_bug(DETERMINISTIC, r"declare draws_random_numbers", classes)
def noise_on_the_logits(outputs, targets):
    return F.cross_entropy(outputs + 0.1 * torch.randn_like(outputs), targets)


@loss_bug(REMEMBERS, r"after another batch.\nDoes it add up", regression)
class AddsUp(nn.Module):
    """The sum since the beginning of the epoch is returned as the loss of the batch."""

    def __init__(self):
        super().__init__()
        self.total = 0.0

    def forward(self, outputs, targets):
        self.total = self.total + F.mse_loss(outputs, targets)
        return self.total


@loss_bug(REMEMBERS, r"training mode with batch norm", masks)
class RunningFeatures(nn.Module):
    """Compares with features whose statistics go on changing."""

    def __init__(self):
        super().__init__()
        self.weight = torch.ones(1)
        self.norm = nn.BatchNorm2d(1, affine=False)

    def forward(self, outputs, targets):
        self.norm(outputs.detach())
        mean = self.norm.running_mean.view(1, 1, 1, 1)
        return F.binary_cross_entropy_with_logits(outputs - mean, targets)


@loss_bug(MOVES, r"WeightsStayBehind has a tensor that stays behind", classes)
class WeightsStayBehind(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = torch.tensor([1.0, 2.0, 1.0, 3.0, 1.0])

    def forward(self, outputs, targets):
        return F.cross_entropy(outputs, targets, weight=self.weight.to(outputs.dtype))


@loss_bug(MOVES, r"Register it as a buffer, or make it of the outputs", regression)
class MakesAnIndexOnTheProcessor(nn.Module):
    def forward(self, outputs, targets):
        weights = torch.linspace(1, 2, outputs.shape[1], dtype=outputs.dtype)
        return (weights * (outputs - targets).square()).mean()
