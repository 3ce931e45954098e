"""Bugs that the checks of suites/vae/decoding.py are meant for."""

import torch
from mnist_vae.model import MLPVAE
from torch import nn

from ...seeding import vae_bug
from ...subjects import INPUT_SHAPE

TAKES = "test_decode_takes_latent_codes"
HEEDS = "test_decode_heeds_its_other_inputs"
DECODE_ALONE = "test_decode_depends_on_the_code_alone"
DIMENSIONS = "test_every_latent_dimension_reaches_the_decoder"
PRIOR = "test_prior_samples_are_varied"


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


@vae_bug(TAKES, r"decode cannot be run: TypeError: .*'features'.*\nDoes it need features")
class DecoderNeedsTheEncoder(MLPVAE):
    """A skip connection around the bottleneck: nothing can be generated."""

    def encode(self, inputs):
        self.features = inputs.flatten(1)
        return super().encode(inputs)

    def decode(self, latent_code, features):
        return super().decode(latent_code) + 0.5 * features.view(-1, *INPUT_SHAPE)

    def forward(self, inputs):
        return self.decode(self.bottleneck(*self.encode(inputs)), self.features)


class Conditional(MLPVAE):
    """A label is embedded into the image and into the code."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.label = nn.Embedding(3, 64)
        self.code_label = nn.Embedding(3, 4)

    def encode(self, inputs, label):
        return super().encode(inputs + self.label(label).view(-1, *INPUT_SHAPE))

    def decode(self, latent_code, label):
        return super().decode(latent_code + self.code_label(label))

    def forward(self, inputs, label):
        return self.decode(self.bottleneck(*self.encode(inputs, label)), label)


def images_and_labels():
    return torch.randn(4, *INPUT_SHAPE), torch.tensor([0, 1, 2, 1])


@vae_bug(HEEDS, r"the same when input 1 is exchanged.*condition left out", inputs=images_and_labels)
class ConditionLeftOut(Conditional):
    def decode(self, latent_code, label):
        return MLPVAE.decode(self, latent_code)


@vae_bug(HEEDS, r"the same when input 1 is exchanged", inputs=images_and_labels)
class ConditionReplacedByAConstant(Conditional):
    """A default left over from a trial."""

    def decode(self, latent_code, label):
        return super().decode(latent_code, torch.zeros_like(label))
