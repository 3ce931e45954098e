"""Bugs that the checks of suites/vae/agreement.py are meant for."""

from mnist_vae.model import MLPVAE

from ...seeding import vae_bug

AGREEMENT = "test_sampler_and_kl_divergence_agree"


@vae_bug(
    AGREEMENT,
    r"drawn codes have a KL divergence of .*the closed form gives .*or variance",
    kl_divergence=lambda s, mu: 0.5 * (mu**2 + s.exp() - 1 - s).sum(),
    source="keras#3283",
)
class LossTakesLogVariance(MLPVAE):
    """The sampler is right, the loss has the formula for log-variance."""


@vae_bug(AGREEMENT, r"drawn codes have a KL divergence")
class SamplerScaled(MLPVAE):
    def bottleneck(self, mu, log_sigma):
        return 1.1 * super().bottleneck(mu, log_sigma)


@vae_bug(
    AGREEMENT,
    r"closed form gives .*agree on log_variance: logarithm of",
    log_variance=True,
    kl_divergence=lambda s, mu: (0.5 * (mu**2 + (2 * s).exp() - 1) - s).sum(),
)
class LossTakesLogSigma(MLPVAE):
    """The sampler is right, the loss has the formula for log_sigma."""

    def bottleneck(self, mu, log_variance):
        return super().bottleneck(mu, 0.5 * log_variance)
