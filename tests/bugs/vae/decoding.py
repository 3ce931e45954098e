"""Bugs that the checks of suites/vae/decoding.py are meant for."""

from mnist_vae.model import MLPVAE

from ...seeding import vae_bug

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
