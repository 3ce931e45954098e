"""Bugs that the checks of suites/vae/encoding.py are meant for."""

from mnist_vae.model import MLPVAE

from ...seeding import vae_bug

ENCODE = "test_encode_returns_mu_and_log_sigma"


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


@vae_bug(ENCODE, r"all dimensions of mu are equal.*repeated")
class OneMuForAllDimensions(MLPVAE):
    def encode(self, inputs):
        mu, log_sigma = super().encode(inputs)
        return mu.mean(dim=1, keepdim=True).expand_as(mu), log_sigma


@vae_bug(
    ENCODE,
    r"mu \(1, 16\) and log_sigma \(1, 16\) for 4 samples.*batch merged, as by view\(1, -1\)",
    source="mehilshah, bug 085",
)
class BatchMergedIntoOneCode(MLPVAE):
    def encode(self, inputs):
        mu, log_sigma = super().encode(inputs)
        return mu.reshape(1, -1), log_sigma.reshape(1, -1)

    def decode(self, latent_code):
        return super().decode(latent_code.view(-1, self.bottleneck_dim))
