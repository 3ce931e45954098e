"""Formulations whose loss is what is new: what they share, and what the loss adds to the net.

Nearly everyone returns a log-variance, calls the sampling `reparameterize`, and returns the
reconstruction together with mu and the log-variance.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ...varying import vae
from .small import CODE, attributes


class Published(nn.Module):
    """A convolutional VAE with heads for mu and the log-variance."""

    def __init__(self, code: int = CODE):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 8, 3, stride=2, padding=1), nn.LeakyReLU(), nn.Flatten()
        )
        self.fc_mu = nn.Linear(8 * 16, code)
        self.fc_var = nn.Linear(8 * 16, code)
        self.decoder_input = nn.Linear(code, 8 * 16)
        self.decoder = nn.Sequential(
            nn.Unflatten(1, (8, 4, 4)), nn.LeakyReLU(), nn.ConvTranspose2d(8, 1, 4, 2, 1)
        )

    def encode(self, x):
        features = self.features(x)
        return self.fc_mu(features), self.fc_var(features)

    def reparameterize(self, mu, logvar):
        std = torch.exp(0.5 * logvar)
        return mu + std * torch.randn_like(std)

    def decode(self, z):
        return self.decoder(self.decoder_input(z))

    def forward(self, x):
        mu, logvar = self.encode(x)
        return self.decode(self.reparameterize(mu, logvar)), mu, logvar


def kl(mu: Tensor, logvar: Tensor) -> Tensor:
    """Of each sample and dimension."""
    return -0.5 * (1 + logvar - mu.square() - logvar.exp())


def published(net: nn.Module, **declared) -> dict:
    return attributes(net, log_variance=True, **declared)


@vae
def log_variance_and_reparameterize():
    return published(Published())


@vae
def kl_divergence_of_the_log_variance():
    loss = lambda logvar, mu: kl(mu, logvar).sum()  # noqa: E731
    return published(Published(), kl_divergence=loss)


class BetaVAE(Published):
    """Returns its loss with the rest, in a dict."""

    def forward(self, x):
        recon, mu, logvar = super().forward(x)
        loss = F.mse_loss(recon, x) + 4 * kl(mu, logvar).sum(dim=1).mean()
        return {"loss": loss, "recon_x": recon, "mu": mu, "log_var": logvar}


@vae
def beta_vae_with_its_loss_in_a_dict():
    return published(BetaVAE())


@dataclass
class Result:
    """What a beta-TC-VAE returns: the input comes first."""

    inputs: Tensor
    code: Tensor
    reconstruction: Tensor
    loss: Tensor


class BetaTCVAE(Published):
    """Estimates the total correlation within the batch."""

    def forward(self, x):
        mu, logvar = self.encode(x)
        code = self.reparameterize(mu, logvar)
        pairs = log_density(code[:, None], mu[None], logvar[None])  # (N, N, D)
        total = pairs.sum(dim=2).logsumexp(dim=1) - pairs.logsumexp(dim=1).sum(dim=1)
        recon = self.decode(code)
        return Result(x, code, recon, F.mse_loss(recon, x) + 6 * total.mean())


def log_density(z: Tensor, mu: Tensor, logvar: Tensor) -> Tensor:
    return -0.5 * (logvar + (z - mu).square() / logvar.exp())


@vae
def beta_tc_vae_with_its_inputs_in_a_dataclass():
    return published(BetaTCVAE())


class DIPVAE(Published):
    """Penalises the covariance of mu over the batch."""

    def forward(self, x):
        recon, mu, logvar = super().forward(x)
        centred = mu - mu.mean(dim=0)
        covariance = centred.T @ centred / len(mu)
        penalty = (covariance - torch.eye(mu.shape[1]).to(mu)).square().sum()
        return recon, mu, logvar, penalty


@vae
def dip_vae_with_its_penalty():
    return published(DIPVAE())


class Kernel(nn.Module):
    """A Gaussian kernel, without parameters, that the loss alone calls."""

    def forward(self, first, second):
        return (-(first[:, None] - second[None]).square().mean(dim=2)).exp()


class InfoVAE(Published):
    def __init__(self):
        super().__init__()
        self.kernel = Kernel()

    def loss(self, x):
        mu, logvar = self.encode(x)
        code = self.reparameterize(mu, logvar)
        prior = torch.randn_like(code)
        mmd = self.kernel(code, code) + self.kernel(prior, prior) - 2 * self.kernel(code, prior)
        return F.mse_loss(self.decode(code), x) + mmd.mean()


@vae
def info_vae_with_a_kernel():
    return published(InfoVAE())


class FactorVAE(Published):
    """Its discriminator tells codes from permuted codes; forward() does not call it."""

    def __init__(self):
        super().__init__()
        self.discriminator = nn.Sequential(nn.Linear(CODE, 16), nn.LeakyReLU(), nn.Linear(16, 2))


@vae
def factor_vae_with_a_discriminator():
    return published(FactorVAE(), unused_modules=("discriminator",))


class FreeBits(Published):
    """Every dimension may cost half a nat before the loss counts it."""

    def forward(self, x):
        recon, mu, logvar = super().forward(x)
        return recon, kl(mu, logvar).mean(dim=0).clamp_min(0.5).sum()


@vae
def free_bits():
    return published(FreeBits())
