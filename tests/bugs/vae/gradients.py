"""Bugs that the checks of suites/vae/gradients.py are meant for."""

import torch
from mnist_vae.model import MLPVAE

from ...seeding import vae_bug

GRADIENTS = "test_gradients_pass_through_the_sampling"


@vae_bug(GRADIENTS, r"gradient to log_sigma is not z - mu.*detached")
class SigmaDetached(MLPVAE):
    def bottleneck(self, mu, log_sigma):
        return mu + log_sigma.detach().exp() * torch.randn_like(mu)


@vae_bug(GRADIENTS, r"without a gradient.*torch\.normal")
class DrawnByTorchNormal(MLPVAE):
    def bottleneck(self, mu, log_sigma):
        return torch.normal(mu, log_sigma.exp()).detach()


@vae_bug(GRADIENTS, r"gradient to mu is not 1.*rounded")
class CodeRounded(MLPVAE):
    def bottleneck(self, mu, log_sigma):
        return (100 * super().bottleneck(mu, log_sigma)).round() / 100
