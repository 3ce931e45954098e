"""Bugs that the checks of suites/model/precision.py are meant for."""

import torch
from mnist_vae.model import MLPVAE

from ...seeding import model_bug, vae_bug
from .bases import Net

DOUBLE = "test_computes_in_double_precision"


@vae_bug(
    DOUBLE,
    r"does not run in float64.*fixed dtype",
    source="reported: Humbatova et al. 2020, taxonomy (tensor type)",
)
class NoiseInSinglePrecision(MLPVAE):
    def bottleneck(self, mu, log_sigma):
        return (mu + log_sigma.exp() * torch.randn_like(mu)).float()


@model_bug(
    DOUBLE,
    r"returns \['torch\.float32'\] after \.double\(\)",
    source="reported: Humbatova et al. 2020, taxonomy (tensor type)",
)
class OutputInSinglePrecision(Net):
    def forward(self, inputs):
        return super().forward(inputs).float()
