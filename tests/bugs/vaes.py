"""Bugs in what makes a model a variational autoencoder."""

import torch
import torch.nn.functional as F
from mnist_vae.model import CNNVAE, MLPVAE
from torch import nn

from . import vae_bug

ENCODE = "test_encode_returns_mu_and_log_sigma"
FORWARD = "test_forward_encodes_samples_and_decodes"
DECODE_ALONE = "test_decode_depends_on_the_code_alone"
DIMENSIONS = "test_every_latent_dimension_reaches_the_decoder"
PRIOR = "test_prior_samples_are_varied"
ONE_SIDED = "test_posterior_is_not_one_sided"
LINEAR = "test_halves_are_not_linear"
POSTERIOR = "test_initial_posterior_is_moderate"
MEAN = "test_latent_code_has_mean_mu"
SIGMA = "test_latent_code_has_standard_deviation_sigma"
NORMAL = "test_latent_code_is_normal"
FRESH = "test_noise_is_fresh"
GRADIENTS = "test_gradients_pass_through_the_sampling"
AGREEMENT = "test_sampler_and_kl_divergence_agree"


# Encoder, decoder and forward


@vae_bug(ENCODE, r"mu \(2, 8\) and log_sigma \(2, 8\) for 4 samples.*wrong axis")
class SplitAlongTheBatch(MLPVAE):
    def encode(self, inputs):
        mu, log_sigma = self.encoder(inputs).chunk(2, dim=0)
        return mu, log_sigma


@vae_bug(ENCODE, r"with the same values.*same half taken twice")
class SameHalfTwice(MLPVAE):
    def encode(self, inputs):
        mu, _ = super().encode(inputs)
        return mu, mu.clone()


@vae_bug(ENCODE, r"encode returns 1 tensors; expected mu, log_sigma")
class NotSplit(MLPVAE):
    def encode(self, inputs):
        return self.encoder(inputs)


@vae_bug(FORWARD, r"is not decode\(bottleneck\(\*encode\(x\)\)\).*skip the sampling")
class ForwardSkipsSampling(MLPVAE):
    def forward(self, inputs):
        return self.decode(self.encode(inputs)[0])


@vae_bug(FORWARD, r"swap mu and log_sigma")
class ForwardSwapsArguments(MLPVAE):
    def forward(self, inputs):
        mu, log_sigma = self.encode(inputs)
        return self.decode(self.bottleneck(log_sigma, mu))


@vae_bug(FORWARD, r"in training mode.*something besides")
class ForwardAddsSkipConnection(MLPVAE):
    def forward(self, inputs):
        outputs = super().forward(inputs)
        return outputs + 0.1 * inputs if self.training else outputs


@vae_bug(DECODE_ALONE, r"something else for the same latent code.*features of the encoder")
class DecoderSeesTheEncoder(MLPVAE):
    def encode(self, inputs):
        self.features = inputs.detach()
        return super().encode(inputs)

    def decode(self, latent_code):
        return super().decode(latent_code) + 0.5 * self.features[: len(latent_code)]


@vae_bug(DIMENSIONS, r"ignores 2 of 4 latent dimensions, among them \[2, 3\].*masked")
class HalfOfTheCodeMasked(MLPVAE):
    def decode(self, latent_code):
        return super().decode(latent_code * latent_code.new_tensor([1, 1, 0, 0]))


@vae_bug(PRIOR, r"same value for all of 32 random codes in 16 of 64 elements.*border")
class BorderNeverWritten(MLPVAE):
    def decode(self, latent_code):
        outputs = super().decode(latent_code).clone()
        outputs[..., -2:, :] = -1
        return outputs


@vae_bug(PRIOR, r"in 64 of 64 elements.*ignore the code")
class DecoderIgnoresTheCode(MLPVAE):
    def decode(self, latent_code):
        return super().decode(0 * latent_code)


@vae_bug(PRIOR, r"not finite for codes drawn from the prior")
class LogarithmOfTheCode(MLPVAE):
    def decode(self, latent_code):
        return super().decode(latent_code.log())


@vae_bug(LINEAR, r"\.encode is an affine map.*activations between its layers missing")
class NoActivations(MLPVAE):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.encoder = nn.Sequential(*(m for m in self.encoder if not isinstance(m, nn.ReLU)))


@vae_bug(LINEAR, r"\.decode is an affine map.*output activation at most")
class NoActivationsInDecoder(CNNVAE):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.decoder = nn.Sequential(*(m for m in self.decoder if not isinstance(m, nn.ReLU)))


@vae_bug(POSTERIOR, r"encodes to a mu around .* in a new model, far from the prior")
class WideMu(MLPVAE):
    """The part of the last layer that gives mu has weights of another size than the rest."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        with torch.no_grad():
            self.encoder[-1].weight[:4] *= 150


@vae_bug(POSTERIOR, r"log_sigma around 1[0-9.]+ in a new model.*too large")
class ExtremePosterior(MLPVAE):
    def encode(self, inputs):
        mu, log_sigma = super().encode(inputs)
        return mu, log_sigma + 12


@vae_bug(ENCODE, r"all dimensions of mu are equal.*repeated")
class OneMuForAllDimensions(MLPVAE):
    def encode(self, inputs):
        mu, log_sigma = super().encode(inputs)
        return mu.mean(dim=1, keepdim=True).expand_as(mu), log_sigma


@vae_bug(ONE_SIDED, r"mu from 0 to .* only.*activation behind the last layer")
class ActivationBehindTheEncoder(MLPVAE):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.encoder.append(nn.ReLU())


@vae_bug(ONE_SIDED, r"log_sigma from .* on only, so that sigma is never below 1.*logarithm")
class SigmaForItsLogarithm(MLPVAE):
    def encode(self, inputs):
        mu, raw = super().encode(inputs)
        return mu, F.softplus(raw)


@vae_bug(POSTERIOR, r"encodes to a mu around (29|3\d).* far from the prior.*offset")
class OffsetOnMu(MLPVAE):
    def encode(self, inputs):
        mu, log_sigma = super().encode(inputs)
        return mu + 30, log_sigma


# The bottleneck


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


@vae_bug(SIGMA, r"exp\(0\.5 \* log_sigma\)\?")
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


@vae_bug(SIGMA, r"no noise at all")
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


@vae_bug(FRESH, r"noise of two calls has a correlation of 1\.00.*drawn once and kept")
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


@vae_bug(
    AGREEMENT,
    r"drawn codes have a KL divergence of .*the closed form gives .*or variance",
    kl_divergence=lambda s, mu: 0.5 * (mu**2 + s.exp() - 1 - s).sum(),
)
class LossTakesLogVariance(MLPVAE):
    """The sampler is right, the loss has the formula for log-variance."""


@vae_bug(AGREEMENT, r"drawn codes have a KL divergence")
class SamplerScaled(MLPVAE):
    def bottleneck(self, mu, log_sigma):
        return 1.1 * super().bottleneck(mu, log_sigma)
