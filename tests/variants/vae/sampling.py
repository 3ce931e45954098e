"""Other ways to draw a latent code, and to say what it is drawn from."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.distributions import Independent, Normal

from ...varying import vae
from .published import Published, published
from .small import CODE, FEATURES, SHAPE, Plain, attributes

SAMPLES = 5


class ImportanceWeighted(Published):
    """Draws several codes for each sample, (N, K, D), and decodes each."""

    def reparameterize(self, mu, logvar):
        std = (0.5 * logvar).exp().unsqueeze(1).expand(-1, SAMPLES, -1)
        return mu.unsqueeze(1) + std * torch.randn_like(std)

    def decode(self, z):
        return super().decode(z.flatten(0, 1)).unflatten(0, z.shape[:2])


@vae
def several_codes_a_sample():
    return published(ImportanceWeighted(), output_shape=(4, SAMPLES, *SHAPE))


class SamplesFirst(Published):
    """Codes (K, N, D), of which the reconstruction is the mean."""

    def reparameterize(self, mu, logvar):
        return mu + (0.5 * logvar).exp() * torch.randn(SAMPLES, *mu.shape).to(mu)

    def decode(self, z):
        return super().decode(z.reshape(-1, CODE)).unflatten(0, z.shape[:-1])

    def forward(self, x):
        return self.decode(self.reparameterize(*self.encode(x)))


@vae
def several_codes_a_sample_along_the_first_axis():
    decode = lambda net, z: net.decode(z).mean(dim=0) if z.dim() == 3 else net.decode(z)  # noqa: E731
    call = lambda net, x: net(x).mean(dim=0)  # noqa: E731
    return published(SamplesFirst(), decode=decode, call=call)


class PlanarFlow(nn.Module):
    """z + u tanh(w z + b), once; the first step of a normalising flow."""

    def __init__(self):
        super().__init__()
        self.u, self.w = (nn.Parameter(torch.randn(CODE) / 2) for _ in range(2))
        self.b = nn.Parameter(torch.zeros(()))

    def forward(self, z):
        return z + self.u * torch.tanh(z @ self.w + self.b).unsqueeze(1)


class FlowVAE(Published):
    def __init__(self):
        super().__init__()
        self.flow = nn.Sequential(PlanarFlow(), PlanarFlow())

    def forward(self, x):
        mu, logvar = self.encode(x)
        return self.decode(self.flow(self.reparameterize(mu, logvar))), mu, logvar


@vae
def normalising_flow_behind_the_posterior():
    """The flow belongs to what happens to a code once it is drawn."""
    return published(FlowVAE(), decode=lambda net, z: net.decode(net.flow(z)))


class DiagonalGaussian:
    """What the encoder of a latent diffusion model returns: an object."""

    def __init__(self, moments):
        self.mean, self.logvar = moments.chunk(2, dim=1)
        self.logvar = self.logvar.clamp(-30.0, 20.0)

    def sample(self):
        return self.mean + (0.5 * self.logvar).exp() * torch.randn_like(self.mean)


class AutoencoderKL(nn.Module):
    """A spatial code of two channels; forward() decodes the mode unless it is told to sample."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 8, 3, 2, 1), nn.SiLU(), nn.Conv2d(8, 4, 3, 2, 1), nn.SiLU()
        )
        self.quant_conv = nn.Conv2d(4, 4, 1)
        self.decoder = nn.Sequential(
            nn.ConvTranspose2d(2, 8, 4, 2, 1), nn.SiLU(), nn.ConvTranspose2d(8, 1, 4, 2, 1)
        )

    def encode(self, x):
        return DiagonalGaussian(self.quant_conv(self.encoder(x)))

    def decode(self, z):
        return self.decoder(z)

    def forward(self, x, sample_posterior=False):
        posterior = self.encode(x)
        return self.decode(posterior.sample() if sample_posterior else posterior.mean)


@vae
def distribution_object_with_a_spatial_code():
    def encode(net, x):
        posterior = net.encode(x)
        return posterior.mean, posterior.logvar

    def sample(net, mu, log_variance):
        return DiagonalGaussian(torch.cat([mu, log_variance], dim=1)).sample()

    hooks = {"encode": encode, "sample": sample}
    call = lambda net, x: net(x, sample_posterior=True)  # noqa: E731
    return published(AutoencoderKL(), call=call, **hooks)


class TorchDistribution(Plain):
    """encode returns a distribution of torch's, and decode one of pixels."""

    def encode(self, inputs):
        mu, raw = super().encode(inputs)
        return Independent(Normal(mu, F.softplus(raw) + 1e-3), 1)

    def decode(self, latent_code):
        return Normal(super().decode(latent_code), 1.0)

    def forward(self, inputs):
        return self.decode(self.encode(inputs).rsample()).mean


@vae
def distributions_of_torch():
    def encode(net, x):
        posterior = net.encode(x)
        return posterior.mean, posterior.stddev.log()

    def sample(net, mu, log_sigma):
        return Normal(mu, log_sigma.exp()).rsample()

    decode = lambda net, z: net.decode(z).mean  # noqa: E731
    return attributes(TorchDistribution(), encode=encode, sample=sample, decode=decode)


class SigmaItself(Plain):
    """encode returns sigma, with a floor, and bottleneck takes it."""

    def encode(self, inputs):
        mu, raw = super().encode(inputs)
        return mu, F.softplus(raw) + 0.1

    def bottleneck(self, mu, sigma):
        return mu + sigma * torch.randn_like(sigma)


@vae
def sigma_by_softplus_with_a_floor():
    def encode(net, x):
        mu, sigma = net.encode(x)
        return mu, sigma.log()

    sample = lambda net, mu, log_sigma: net.bottleneck(mu, log_sigma.exp())  # noqa: E731
    return attributes(SigmaItself(), encode=encode, sample=sample)


class ReturnsItsNoise(Plain):
    def bottleneck(self, mu, log_sigma):
        noise = torch.randn_like(mu)
        return mu + log_sigma.exp() * noise, noise

    def forward(self, inputs):
        latent_code, _ = self.bottleneck(*self.encode(inputs))
        return self.decode(latent_code)


@vae
def bottleneck_that_returns_its_noise():
    return attributes(ReturnsItsNoise())


class ReturnsTheCodeToo(Published):
    """encode returns the drawn code as well."""

    def encode(self, x):
        mu, logvar = super().encode(x)
        return self.reparameterize(mu, logvar), mu, logvar

    def forward(self, x):
        z, mu, logvar = self.encode(x)
        return self.decode(z), mu, logvar


@vae
def encode_that_draws():
    def call(net, x):
        _, mu, logvar = net.encode(x)
        return net.decode(net.reparameterize(mu, logvar))

    return published(ReturnsTheCodeToo(), encode=lambda net, x: net.encode(x)[1:], call=call)


class MeanInForward(Published):
    """Draws a code in training; forward(), not the sampling itself, sees to the rest."""

    def forward(self, x):
        mu, logvar = self.encode(x)
        z = self.reparameterize(mu, logvar) if self.training else mu
        return self.decode(z), mu, logvar


@vae
def mean_in_eval_mode_by_forward():
    return published(MeanInForward())


@vae
def mean_in_eval_mode_by_forward_declared():
    return published(MeanInForward(), mean_in_eval_mode=True)


@vae
def draws_in_eval_mode_declared():
    return published(Published(), mean_in_eval_mode=False)


class TwoLevels(nn.Module):
    """A ladder of two codes: the first from the features, the second from deeper ones."""

    def __init__(self):
        super().__init__()
        self.first = nn.Sequential(nn.Flatten(), nn.Linear(FEATURES, 32), nn.ReLU())
        self.second = nn.Sequential(nn.Linear(32, 16), nn.ReLU())
        self.heads = nn.ModuleList([nn.Linear(32, 2 * CODE), nn.Linear(16, 4)])
        self.top = nn.Sequential(nn.Linear(2, 16), nn.ReLU())
        self.bottom = nn.Sequential(nn.Linear(16 + CODE, 32), nn.ReLU(), nn.Linear(32, FEATURES))

    def encode(self, x):
        first = self.first(x)
        moments = self.heads[0](first), self.heads[1](self.second(first))
        return [m.chunk(2, dim=1) for m in moments]

    def reparameterize(self, mu, logvar):
        return mu + (0.5 * logvar).exp() * torch.randn_like(mu)

    def decode(self, codes):
        first, second = codes
        return self.bottom(torch.cat([self.top(second), first], dim=1)).unflatten(1, SHAPE)

    def forward(self, x):
        levels = self.encode(x)
        return self.decode([self.reparameterize(*level) for level in levels]), levels


@vae
def two_levels_of_codes():
    """Side by side, the codes of all levels are one code."""

    def encode(net, x):
        (mu, logvar), (mu_2, logvar_2) = net.encode(x)
        return torch.cat([mu, mu_2], dim=1), torch.cat([logvar, logvar_2], dim=1)

    def sample(net, mu, logvar):
        levels = zip(mu.split([CODE, 2], dim=-1), logvar.split([CODE, 2], dim=-1), strict=True)
        return torch.cat([net.reparameterize(*level) for level in levels], dim=-1)

    decode = lambda net, z: net.decode(z.split([CODE, 2], dim=1))  # noqa: E731
    return published(TwoLevels(), encode=encode, sample=sample, decode=decode)
