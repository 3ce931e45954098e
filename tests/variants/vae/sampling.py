"""Other ways to draw a latent code, and to say what it is drawn from."""

import torch
import torch.nn.functional as F
from torch import nn

from ...varying import vae
from .published import Published, published
from .small import CODE, SHAPE, Plain, attributes

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
