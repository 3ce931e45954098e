"""Bugs that the checks of suites/vae/noise.py are meant for."""

import torch
from mnist_vae.model import MLPVAE
from torch import nn

from ...seeding import vae_bug

DRAWS = "test_bottleneck_draws_a_latent_code"
SIGMA = "test_latent_code_has_standard_deviation_sigma"
MEAN = "test_latent_code_has_mean_mu"
NORMAL = "test_latent_code_is_normal"
FRESH = "test_noise_is_fresh"


@vae_bug(SIGMA, r"Is sigma ignored")
class SigmaIgnoredInEvalMode(MLPVAE):
    def bottleneck(self, mu, log_sigma):
        noise = torch.randn_like(mu)
        return mu + (log_sigma.exp() * noise if self.training else noise)


@vae_bug(MEAN, r"latent dimension 0 has the mean .* over 4000 draws where mu is .*not centred")
class OffsetOnOneDimension(MLPVAE):
    """Left over from a look at what the dimension stands for."""

    def bottleneck(self, mu, log_sigma):
        latent_code = super().bottleneck(mu, log_sigma)
        offset = torch.zeros_like(mu)
        offset[:, 0] = 0.2
        return latent_code + offset


@vae_bug(MEAN, r"latent dimension \d has the mean .* where mu is .*dropped")
class MeanDropped(MLPVAE):
    def bottleneck(self, mu, log_sigma):
        return log_sigma.exp() * torch.randn_like(mu)


@vae_bug(MEAN, r"not centred")
class NoiseNotCentred(MLPVAE):
    def bottleneck(self, mu, log_sigma):
        return mu + log_sigma.exp() * torch.rand_like(mu)


@vae_bug(SIGMA, r"exp\(0\.5 \* log_sigma\)\? .* set log_variance = True")
class LogVarianceForLogSigma(MLPVAE):
    def bottleneck(self, mu, log_sigma):
        return mu + (0.5 * log_sigma).exp() * torch.randn_like(mu)


@vae_bug(SIGMA, r"variance exp\(2 \* log_sigma\) taken for the standard deviation")
class VarianceForSigma(MLPVAE):
    def bottleneck(self, mu, log_sigma):
        return mu + (2 * log_sigma).exp() * torch.randn_like(mu)


@vae_bug(SIGMA, r"is exp\(\) missing")
class ExpMissing(MLPVAE):
    def bottleneck(self, mu, log_sigma):
        return mu + log_sigma * torch.randn_like(mu)


@vae_bug(SIGMA, r"Is sigma ignored")
class SigmaIgnored(MLPVAE):
    def bottleneck(self, mu, log_sigma):
        return mu + torch.randn_like(mu)


@vae_bug(SIGMA, r"no noise at all", source="keras-io#790")
class NoNoise(MLPVAE):
    def bottleneck(self, mu, log_sigma):
        return mu


@vae_bug(SIGMA, r"no noise at all")
class NoiseInEvalModeOnly(MLPVAE):
    def bottleneck(self, mu, log_sigma):
        return mu if self.training else super().bottleneck(mu, log_sigma)


@vae_bug(SIGMA, r"standard deviations \[0\.0.*log_sigma is .*one vector for the whole batch")
class OneNoiseVectorForTheBatch(MLPVAE):
    def bottleneck(self, mu, log_sigma):
        return mu + log_sigma.exp() * torch.randn(mu.shape[1:])


@vae_bug(NORMAL, r"not standard normal.*lie in \[-1\.73, 1\.73\].*uniform")
class UniformNoise(MLPVAE):
    """Centred and of unit variance, so that mean and standard deviation are right."""

    def bottleneck(self, mu, log_sigma):
        return mu + log_sigma.exp() * (torch.rand_like(mu) - 0.5) * 12**0.5


@vae_bug(NORMAL, r"not standard normal.*truncated")
class TruncatedNoise(MLPVAE):
    def bottleneck(self, mu, log_sigma):
        noise = nn.init.trunc_normal_(torch.empty_like(mu), a=-1.5, b=1.5)
        return mu + log_sigma.exp() * noise / 0.7424


@vae_bug(FRESH, r"noise of two latent dimensions has a correlation of 1\.00.*one number")
class OneNumberForAllDimensions(MLPVAE):
    def bottleneck(self, mu, log_sigma):
        return mu + log_sigma.exp() * torch.randn_like(mu[:, :1])


@vae_bug(
    FRESH,
    r"noise of two calls has a correlation of 1\.00.*drawn once and kept",
    source="ericjang/draw#2 (a comment)",
)
class NoiseDrawnOnce(MLPVAE):
    noise: dict = {}

    def bottleneck(self, mu, log_sigma):
        key = mu.shape, mu.device, mu.dtype
        return mu + log_sigma.exp() * self.noise.setdefault(key, torch.randn_like(mu))


@vae_bug(FRESH, r"noise of two calls has a correlation of 1\.00.*drawn once and kept")
class NoiseKeptByTheModel(MLPVAE):
    noise = torch.zeros(0)

    def bottleneck(self, mu, log_sigma):
        if self.noise.shape != mu.shape or self.noise.device != mu.device:
            self.noise = torch.randn_like(mu)
        return mu + log_sigma.exp() * self.noise.to(mu)


@vae_bug(FRESH, r"noise of neighbouring samples has a correlation of 0\.\d+.*one vector")
class NoiseSharedByPairs(MLPVAE):
    def bottleneck(self, mu, log_sigma):
        noise = torch.randn_like(mu[::2]).repeat_interleave(2, dim=0)
        return mu + log_sigma.exp() * noise[: len(mu)]


@vae_bug(
    SIGMA,
    r"log_variance is .*exp\(0\.5 \* log_variance\) .*is the factor 0\.5 missing",
    log_variance=True,
    source="world-models#13; keras#9972; BVAE-tf#7",
)
class VarianceOfLogVarianceForSigma(MLPVAE):
    def bottleneck(self, mu, log_variance):
        return mu + log_variance.exp() * torch.randn_like(mu)


@vae_bug(SIGMA, r"root taken twice", log_variance=True)
class RootTakenTwice(MLPVAE):
    def bottleneck(self, mu, log_variance):
        return mu + (0.5 * log_variance).exp().sqrt() * torch.randn_like(mu)


@vae_bug(SIGMA, r"no noise at all", source="keras_lstm_vae#1")
class NoiseDrawnAndNotUsed(MLPVAE):
    def bottleneck(self, mu, log_sigma):
        noise = torch.randn_like(mu)
        noise.mul_(log_sigma.exp())
        return mu


@vae_bug(DRAWS, r"returns shape \(61, 61, 4\) for mu \(61, 4\).*noise drawn in another shape")
class NoiseOfAnotherShape(MLPVAE):
    """One number for each sample, along the wrong axis."""

    def bottleneck(self, mu, log_sigma):
        return mu + log_sigma.exp() * torch.randn(len(mu), 1, 1)

    def decode(self, latent_code):
        return super().decode(latent_code.mean(dim=0) if latent_code.dim() > 2 else latent_code)


@vae_bug(DRAWS, r"positive latent codes only, where mu has both signs.*activation behind")
class ActivationBehindTheSampling(MLPVAE):
    def bottleneck(self, mu, log_sigma):
        return nn.functional.softplus(super().bottleneck(mu, log_sigma))


@vae_bug(FRESH, r"noise of neighbouring samples has a correlation of 0\.\d+.*one vector")
class NoiseSharedByTheSamplesOfAnImage(MLPVAE):
    """Of several codes an image, as an importance weighted bound takes them, all are the same."""

    def bottleneck(self, mu, log_sigma):
        return super().bottleneck(mu, log_sigma).unsqueeze(1).expand(-1, 5, -1)

    def decode(self, latent_code):
        outputs = super().decode(latent_code.flatten(0, -2))
        return outputs.unflatten(0, latent_code.shape[:-1])
