"""Bugs that the checks of suites/model/state.py are meant for."""

import torch
from mnist_vae.model import MLPVAE
from torch import nn

from ...seeding import model_bug, vae_bug
from .bases import Net

GRAPHS = "test_keeps_no_graph_of_earlier_calls"
STATELESS = "test_keeps_no_state_between_calls"
SAVING = "test_state_is_saved_and_restored"


@vae_bug(GRAPHS, r"KeepsItsCodes keeps the graphs of 3 calls.*to a list")
class KeepsItsCodes(MLPVAE):
    """For a picture at the end of training, which the memory may not reach."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.codes = []

    def bottleneck(self, mu, log_sigma):
        self.codes.append(super().bottleneck(mu, log_sigma))
        return self.codes[-1]


@vae_bug(
    STATELESS, r"something else for the same inputs and seed after another batch.*running average"
)
class AveragesOverCalls(MLPVAE):
    last = 0.0

    def encode(self, inputs):
        mu, log_sigma = super().encode(inputs)
        mu = 0.9 * mu + 0.1 * self.last
        self.last = mu.detach().mean()
        return mu, log_sigma


@vae_bug(STATELESS, r"something else for the same inputs.*a cache on self")
class CachesTheFirstMean(MLPVAE):
    mean = None

    def encode(self, inputs):
        if self.mean is None:
            self.mean = inputs.mean().item()
        return super().encode(inputs - self.mean)


@model_bug(SAVING, r"returns something else once.*neither parameter nor buffer.*: projection\.")
class ProjectionNotSaved(Net):
    def __init__(self):
        super().__init__()
        self.projection = torch.randn(6, 6)

    def forward(self, inputs):
        return super().forward(inputs @ self.projection)


@model_bug(SAVING, r"does not load into a newly built net: .*size mismatch.*depend on chance")
class RandomWidth(Net):
    def __init__(self):
        super().__init__()
        width = int(torch.randint(8, 10**6, ()))
        self.hidden, self.out = nn.Linear(6, width), nn.Linear(width, 6)


@model_bug(SAVING, r"has an empty state_dict.*registered")
class NothingToSave(nn.Module):
    def forward(self, inputs):
        return inputs
