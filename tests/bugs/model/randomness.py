"""Bugs that the checks of suites/model/randomness.py are meant for."""

import random

import numpy as np
import torch
import torch.nn.functional as F
from mnist_vae.model import MLPVAE

from ...seeding import model_bug, vae_bug
from .bases import Net

SAME_SEED = "test_same_seed_gives_same_outputs"
GENERATOR = "test_leaves_the_random_generator_alone"
DETERMINISTIC = "test_eval_mode_is_deterministic"


@vae_bug(SAME_SEED, r"different outputs under the same seed.*another source")
class DrawsFromNumPy(MLPVAE):
    def bottleneck(self, mu, log_sigma):
        noise = np.random.default_rng().standard_normal(mu.shape)
        return mu + log_sigma.exp() * torch.as_tensor(noise, dtype=mu.dtype)


@model_bug(SAME_SEED, r"different outputs under the same seed.*another source")
class ScaledByPythonsGenerator(Net):
    """An augmentation in the model that no seed of torch reaches."""

    def forward(self, inputs):
        factor = random.uniform(0.9, 1.1) if self.training else 1.0
        return super().forward(inputs * factor)


@model_bug(GENERATOR, r"sets the global random generator to a fixed state.*manual_seed")
class SeedsItsProjection(Net):
    """A random projection that is the same in every call, for a price."""

    def forward(self, inputs):
        torch.manual_seed(0)
        projection = torch.randn(6, 6, device=inputs.device, dtype=inputs.dtype)
        return super().forward(inputs @ projection)


@vae_bug(
    GENERATOR,
    r"sets the global random generator to a fixed state.*manual_seed",
    source="reported: dvgodoy/PyTorchStepByStep#33 (in __getitem__)",
)
class SeedsInForward(MLPVAE):
    def bottleneck(self, mu, log_sigma):
        torch.manual_seed(0)
        return super().bottleneck(mu, log_sigma)


@vae_bug(
    DETERMINISTIC,
    r"encode is random in eval mode.*F\.dropout without training",
    source="pytorch/pytorch#26338, #11999, rixwew/pytorch-fm#21",
)
class FunctionalDropout(MLPVAE):
    def encode(self, inputs):
        return super().encode(F.dropout(inputs, 0.2))
