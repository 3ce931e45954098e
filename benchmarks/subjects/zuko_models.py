"""Normalising flows of zuko; calling one gives a distribution."""

import torch
import zuko
from torch import Tensor, nn

from .subject import model, normal

PACKAGE = "zuko"


def log_likelihood(self, net: nn.Module, points: Tensor) -> Tensor:
    return net().log_prob(points)


def conditional(self, net: nn.Module, inputs: dict[str, Tensor]) -> Tensor:
    return net(inputs["context"]).log_prob(inputs["points"])


def points_in_context() -> dict[str, Tensor]:
    return {"points": torch.randn(6, 4), "context": torch.randn(6, 3)}


SUBJECTS = [
    model(
        "NICE",
        lambda: zuko.flows.NICE(4, transforms=2, hidden_features=(16,)),
        normal(6, 4),
        call=log_likelihood,
    ),
    model(
        "UNAF",
        lambda: zuko.flows.UNAF(2, transforms=1, hidden_features=(8,)),
        normal(6, 2),
        call=log_likelihood,
    ),
    model(
        "SOSPF",
        lambda: zuko.flows.SOSPF(4, transforms=2, hidden_features=(16,)),
        normal(6, 4),
        call=log_likelihood,
    ),
    model(
        "NSF",
        lambda: zuko.flows.NSF(4, 3, transforms=2, hidden_features=(16,)),
        points_in_context,
        call=conditional,
    ),
]
