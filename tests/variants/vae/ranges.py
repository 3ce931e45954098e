"""mu and log_sigma with limits and normalisations that leave them room, or that are declared."""

import torch
import torch.nn.functional as F
from torch import nn

from ...varying import vae
from .published import Published, published
from .small import CODE, Plain, attributes


class Clamped(Published):
    def __init__(self, low: float, high: float):
        super().__init__()
        self.limits = low, high

    def encode(self, x):
        mu, logvar = super().encode(x)
        return mu, logvar.clamp(*self.limits)


@vae
def log_variance_clamped_to_10():
    return published(Clamped(-10, 10))


@vae
def log_variance_clamped_as_in_latent_diffusion():
    return published(Clamped(-30, 20))


@vae
def narrow_clamp_declared():
    return published(Clamped(-1, 1), reachable_log_sigma=(-0.5, 0.5))


class SoftClamp(Plain):
    """5 tanh(x / 5) for both, as hierarchical ones have it."""

    def encode(self, inputs):
        mu, log_sigma = super().encode(inputs)
        return 5 * torch.tanh(mu / 5), 5 * torch.tanh(log_sigma / 5)


@vae
def soft_clamp_at_5():
    return attributes(SoftClamp())


class SigmaBelow1(Plain):
    """sigma between a floor and 1, by a sigmoid."""

    def encode(self, inputs):
        mu, raw = super().encode(inputs)
        return mu, (0.1 + 0.9 * torch.sigmoid(raw)).log()


@vae
def sigma_by_a_sigmoid():
    return attributes(SigmaBelow1())


class NormalisedMu(Plain):
    def __init__(self, norm: nn.Module):
        super().__init__()
        self.norm = norm

    def encode(self, inputs):
        mu, log_sigma = super().encode(inputs)
        return self.norm(mu), log_sigma


@vae
def batch_norm_on_mu():
    return attributes(NormalisedMu(nn.BatchNorm1d(CODE)))


@vae
def batch_norm_on_mu_with_a_fixed_scale():
    norm = nn.BatchNorm1d(CODE)
    nn.init.constant_(norm.weight, 0.7)
    norm.weight.requires_grad_(False)
    return attributes(NormalisedMu(norm), frozen_parameters=("norm.weight",))


@vae
def layer_norm_on_mu():
    return attributes(NormalisedMu(nn.LayerNorm(CODE)))


class BoundedMu(Plain):
    def encode(self, inputs):
        mu, log_sigma = super().encode(inputs)
        return torch.tanh(mu), log_sigma


@vae
def bounded_mu_declared():
    return attributes(BoundedMu(), reachable_mu=(-0.9, 0.9))


class FixedSigma(Plain):
    """A sigma that is not learned."""

    def __init__(self):
        super().__init__()
        self.encoder[3] = nn.Linear(32, CODE)

    def encode(self, inputs):
        mu = self.encoder(inputs)
        return mu, torch.full_like(mu, 0.1)


@vae
def fixed_sigma_declared():
    return attributes(FixedSigma(), reachable_log_sigma=None)


class TinyHead(Plain):
    """The last layer of the encoder starts a hundred times smaller than usual."""

    def __init__(self):
        super().__init__()
        with torch.no_grad():
            self.encoder[3].weight /= 100
            self.encoder[3].bias.zero_()


@vae
def tiny_initial_posterior():
    return attributes(TinyHead())


class SparseCode(Plain):
    """A soft threshold on mu: exact zeros, in both modes."""

    def encode(self, inputs):
        mu, log_sigma = super().encode(inputs)
        return F.softshrink(mu, 0.05), log_sigma


@vae
def sparse_mu():
    return attributes(SparseCode())


class DropsInputsAndFeatures(Plain):
    """Dropout where it belongs: on the inputs and before the last layers."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Dropout(0.3), *self.encoder[:3], nn.Dropout(0.3), self.encoder[3]
        )

    def decode(self, latent_code):
        return super().decode(F.dropout(latent_code, 0.2, self.training))


@vae
def dropout_on_inputs_features_and_code():
    return attributes(DropsInputsAndFeatures())
