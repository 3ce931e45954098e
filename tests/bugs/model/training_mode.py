"""Bugs that the checks of suites/model/training_mode.py are meant for."""

import torch
import torch.nn.functional as F
from torch import nn

from ...seeding import model_bug
from .bases import Net

DROPPED = "test_outputs_are_not_dropped"
NUMERICAL = "test_gradients_in_training_mode_equal_numerical_ones"


@model_bug(DROPPED, r"in training mode \d+% of its outputs are 0.*more than out returns.*in front")
class DropoutBehindTheHead(Net):
    def forward(self, inputs):
        return F.dropout(super().forward(inputs), 0.2, self.training)


@model_bug(DROPPED, r"in training mode \d+% of its outputs are 0.*more than act returns")
class DropoutBehindAProbability(Net):
    def __init__(self):
        super().__init__()
        self.act, self.dropout = nn.Sigmoid(), nn.Dropout(0.1)

    def forward(self, inputs):
        return self.dropout(self.act(super().forward(inputs)))


class NormalisedByHand(nn.Module):
    """Batch normalisation, of which a subclass changes how gradients pass the statistics."""

    def __init__(self):
        super().__init__()
        self.register_buffer("running_mean", torch.zeros(8))
        self.register_buffer("running_var", torch.ones(8))

    def statistics(self, values):
        return values.mean(dim=0), values.var(dim=0, correction=0)

    def forward(self, values):
        if not self.training:
            return (values - self.running_mean) / (self.running_var + 1e-5).sqrt()
        mean, var = self.statistics(values)
        with torch.no_grad():
            self.running_mean.lerp_(mean.to(self.running_mean.dtype), 0.1)
            self.running_var.lerp_(var.to(self.running_var.dtype), 0.1)
        return (values - mean) / (var + 1e-5).sqrt()


class DetachedStatistics(NormalisedByHand):
    def statistics(self, values):
        return super().statistics(values.detach())


class DetachedVariance(NormalisedByHand):
    def statistics(self, values):
        mean, var = super().statistics(values)
        return mean, var.detach()


class NormalisedNet(Net):
    def __init__(self, norm: nn.Module):
        super().__init__()
        self.norm = norm

    def forward(self, inputs):
        return self.out(self.norm(self.hidden(inputs)).relu())


@model_bug(
    NUMERICAL,
    r"backward through forward in training mode gives a derivative of .*detached",
    source="PYSIASSIST (Gu et al., SANER 2024), forum posts",
)
class DetachesItsStatistics(NormalisedNet):
    def __init__(self):
        super().__init__(DetachedStatistics())


@model_bug(NUMERICAL, r"backward through forward in training mode gives a derivative of")
class DetachesItsVariance(NormalisedNet):
    def __init__(self):
        super().__init__(DetachedVariance())
