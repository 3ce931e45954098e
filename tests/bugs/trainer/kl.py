"""Bugs that the checks of suites/trainer/kl.py are meant for."""

import torch
from mnist_vae.trainer import Trainer, kl_divergence

from ...seeding import kl_bug, trainer_bug
from .bases import passed, per_image

ENCODER = "test_encoder_gets_the_gradient_of_the_kl_divergence"


@kl_bug(
    r"gives .*Is its sign wrong\?",
    source="FluxML/model-zoo PR#147, graviraja/pytorch-sample-codes#6",
)
def sign_flipped(log_sigma, mu):
    return -kl_divergence(log_sigma, mu)


@kl_bug(
    r"log_sigma taken for the logarithm of the variance",
    source="keras#3283, FluxML/model-zoo PR#147",
)
def log_variance_formula(log_sigma, mu):
    return 0.5 * (mu**2 + log_sigma.exp() - 1 - log_sigma).sum()


@kl_bug(r"factor 1/2 missing", source="SupaeroDataScience/deep-learning PR#6")
def half_missing(log_sigma, mu):
    return 2 * kl_divergence(log_sigma, mu)


@kl_bug(
    r"averaged over batch and dimensions",
    source="keras-io#270, keras-molecules#59, pytorch/examples PR#296",
)
def mean_over_everything(log_sigma, mu):
    return kl_divergence(log_sigma, mu) / mu.numel()


@kl_bug(r"averaged over the batch", source="MMVAE PR#19, alibi-detect#90")
def mean_over_batch(log_sigma, mu):
    return kl_divergence(log_sigma, mu) / len(mu)


@kl_bug(
    r"averaged over the dimensions",
    source="podgorskiy/VAE#1, affinity-vae PR#210, disentangling-vae PR#29",
)
def mean_over_dimensions(log_sigma, mu):
    return kl_divergence(log_sigma, mu) / mu.shape[1]


@kl_bug(r"mu\^2 missing")
def square_of_mu_missing(log_sigma, mu):
    return kl_divergence(log_sigma, torch.zeros_like(mu))


@kl_bug(r"mu not squared")
def mu_not_squared(log_sigma, mu):
    return kl_divergence(log_sigma, torch.zeros_like(mu)) + 0.5 * mu.sum()


@kl_bug(r"constant -1 missing", source="ericjang/draw#2, PR#6")
def constant_missing(log_sigma, mu):
    return kl_divergence(log_sigma, mu) + 0.5 * mu.numel()


@kl_bug(r"arguments swapped")
def arguments_swapped(log_sigma, mu):
    return kl_divergence(mu, log_sigma)


@kl_bug(r"arguments swapped|Per dimension it is")
def reversed_direction(log_sigma, mu):
    return (log_sigma + (1 + mu**2) / (2 * (2 * log_sigma).exp()) - 0.5).sum()


@kl_bug(r"tensor of shape \(3,\) for a batch; expected a number")
def not_reduced(log_sigma, mu):
    return (0.5 * (mu**2 + (2 * log_sigma).exp() - 1) - log_sigma).sum(1)


@kl_bug(r"no gradient for log_sigma.*detached", check="test_kl_divergence_has_the_right_gradient")
def log_sigma_detached(log_sigma, mu):
    return kl_divergence(log_sigma.detach(), mu)


@kl_bug(r"for mu is wrong.*clamped", check="test_kl_divergence_has_the_right_gradient")
def means_clamped(log_sigma, mu):
    """Keeps the value for most models, and ends the pull on means beyond the limit."""
    limited = mu.clamp(-1.5, 1.5)
    return kl_divergence(log_sigma, limited) + 0.5 * (mu**2 - limited**2).sum().detach()


@trainer_bug(ENCODER, r"The gradient of mu is not that of the KL divergence.*detached")
class MuDetachedFromTheKL(Trainer):
    """The values are right, and nothing pulls the means to the prior."""

    def losses(self, batch):
        images = batch[0]
        outputs, mu, log_sigma = passed(self, images)
        return per_image(outputs, images, mu.detach(), log_sigma)


@trainer_bug(ENCODER, r"The gradient of log_sigma is not that of the KL divergence")
class LogSigmaDetachedFromTheKL(Trainer):
    def losses(self, batch):
        images = batch[0]
        outputs, mu, log_sigma = passed(self, images)
        return per_image(outputs, images, mu, log_sigma.detach())
