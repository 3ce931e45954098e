"""Bugs that the checks of suites/vae/posterior.py are meant for."""

import torch
import torch.nn.functional as F
from mnist_vae.model import CNNVAE, MLPVAE
from torch import nn

from ...seeding import vae_bug

ENCODE = "test_encode_returns_mu_and_log_sigma"
FORWARD = "test_forward_encodes_samples_and_decodes"
DECODE_ALONE = "test_decode_depends_on_the_code_alone"
DIMENSIONS = "test_every_latent_dimension_reaches_the_decoder"
PRIOR = "test_prior_samples_are_varied"
LINEAR = "test_halves_are_not_linear"
POSTERIOR = "test_initial_posterior_is_moderate"
ONE_SIDED = "test_posterior_is_not_one_sided"


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


@vae_bug(
    DIMENSIONS,
    r"ignores 2 of 4 latent dimensions, among them \[2, 3\].*masked",
    source="How to Trust Your Deep Learning Code (wrong masks)",
)
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


@vae_bug(
    LINEAR,
    r"\.encode is an affine map.*activations between its layers missing",
    source="How to Trust Your Deep Learning Code; saint#23, nuscenes-devkit#728",
)
class NoActivations(MLPVAE):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.encoder = nn.Sequential(*(m for m in self.encoder if not isinstance(m, nn.ReLU)))


@vae_bug(
    LINEAR,
    r"\.decode is an affine map.*output activation at most",
    source="stanza PR#1610 (activation missing in a part only)",
)
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


@vae_bug(
    ONE_SIDED,
    r"mu from 0 to .* only.*activation behind the last layer",
    source="reported: Humbatova et al. 2021, DeepCrime (add activation)",
)
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
