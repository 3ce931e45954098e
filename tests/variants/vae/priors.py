"""Priors that are learned, from inputs that the loss alone encodes."""

import torch
from torch import nn

from ...varying import vae
from .published import Published, log_density, published
from .small import FEATURES, SHAPE


class VampVAE(Published):
    """The prior is the mixture of the posteriors of inputs that are learned."""

    def __init__(self):
        super().__init__()
        self.means = nn.Sequential(nn.Linear(3, FEATURES), nn.Hardtanh(0.0, 1.0))
        self.register_buffer("idle_input", torch.eye(3))

    def log_prior(self, z):
        mu, logvar = self.encode(self.means(self.idle_input).view(-1, *SHAPE))
        density = log_density(z[:, None], mu[None], logvar[None]).sum(dim=2)
        return density.logsumexp(dim=1)


@vae
def vamp_prior_behind_a_layer():
    return published(VampVAE(), unused_modules=("means",))


class BareVampVAE(Published):
    def __init__(self):
        super().__init__()
        self.pseudo_inputs = nn.Parameter(torch.rand(3, *SHAPE))


@vae
def vamp_prior_of_a_parameter():
    return published(BareVampVAE(), unused_modules=("pseudo_inputs",))
