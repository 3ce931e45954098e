"""Formulations of well-known repositories and articles, rebuilt: text, counts, levels and more."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .subject import normal, vae

PACKAGE = "torch"
LATENT = 4


def perceptron(inputs: int, outputs: int) -> nn.Module:
    return nn.Sequential(nn.Linear(inputs, 32), nn.ReLU(), nn.Linear(32, outputs))


class Gaussian(nn.Module):
    """What they share: an encoder with two halves, and the sampling."""

    def __init__(self, inputs: int = 12, outputs: int = 12, conditions: int = 0):
        super().__init__()
        self.encoder = perceptron(inputs + conditions, 2 * LATENT)
        self.decoder = perceptron(LATENT + conditions, outputs)

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        mu, log_variance = self.encoder(x).chunk(2, dim=-1)
        return mu, log_variance

    def reparameterize(self, mu: Tensor, log_variance: Tensor) -> Tensor:
        return mu + (0.5 * log_variance).exp() * torch.randn_like(mu)

    def decode(self, z: Tensor) -> Tensor:
        return self.decoder(z)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        mu, log_variance = self.encode(x)
        z = self.reparameterize(mu, log_variance)
        return {"reconstruction": self.decode(z), "mu": mu, "log_variance": log_variance}


class Conditional(Gaussian):
    """Encoder and decoder see the class as well."""

    def __init__(self):
        super().__init__(conditions=3)

    def encode(self, x: Tensor, label: Tensor) -> tuple[Tensor, Tensor]:
        return super().encode(torch.cat([x, F.one_hot(label, 3)], dim=1))

    def decode(self, z: Tensor, label: Tensor) -> Tensor:
        return super().decode(torch.cat([z, F.one_hot(label, 3)], dim=1))

    def forward(self, x: Tensor, label: Tensor) -> Tensor:
        return self.decode(self.reparameterize(*self.encode(x, label)), label)


class Denoising(Gaussian):
    """Noise on the inputs while it trains."""

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        return super().forward(x + 0.1 * torch.randn_like(x) if self.training else x)


class Table(Gaussian):
    """Rows of a table: tanh on the outputs, and a standard deviation learnt for each column."""

    def __init__(self):
        super().__init__()
        self.sigma = nn.Parameter(torch.full((12,), 0.1))

    def decode(self, z: Tensor) -> tuple[Tensor, Tensor]:
        return self.decoder(z).tanh(), self.sigma

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        mu, log_variance = self.encode(x)
        return *self.decode(self.reparameterize(mu, log_variance)), mu, log_variance


class Counts(Gaussian):
    """Counts of genes: the decoder returns parameters of a negative binomial distribution."""

    def __init__(self):
        super().__init__()
        self.dispersion = nn.Parameter(torch.randn(12))

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return super().encode(torch.log1p(x))

    def decode(self, z: Tensor) -> dict[str, Tensor]:
        return {"shares": self.decoder(z).softmax(dim=1)}

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        mu, log_variance = self.encode(x)
        decoded = self.decode(self.reparameterize(mu, log_variance))
        rate = x.sum(1, keepdim=True) * decoded["shares"]
        return {**decoded, "rate": rate, "mu": mu, "log_variance": log_variance}


class Ladder(Gaussian):
    """Two levels of latent codes; the second one has a prior that depends on the first."""

    def __init__(self):
        super().__init__()
        self.upper_encoder, self.prior = perceptron(LATENT, 4), perceptron(2, 2 * LATENT)

    def forward(self, x: Tensor) -> tuple:
        lower = self.encode(x)
        z = self.reparameterize(*lower)
        upper = self.upper_encoder(z).chunk(2, dim=1)
        prior = self.prior(self.reparameterize(*upper)).chunk(2, dim=1)
        return self.decode(z), lower, upper, prior


class TwoKinds(nn.Module):
    """Two modalities whose posteriors are multiplied, with the prior as a third expert."""

    def __init__(self):
        super().__init__()
        self.first, self.second = perceptron(12, 2 * LATENT), perceptron(6, 2 * LATENT)
        self.first_back, self.second_back = perceptron(LATENT, 12), perceptron(LATENT, 6)

    def encode(self, image: Tensor, text: Tensor) -> tuple[Tensor, Tensor]:
        halves = [self.first(image).chunk(2, dim=1), self.second(text).chunk(2, dim=1)]
        precisions = [torch.exp(-log_variance) for _, log_variance in halves]
        total = 1 + sum(precisions)
        means = [mu * weight for (mu, _), weight in zip(halves, precisions, strict=True)]
        return sum(means) / total, -total.log()

    def reparameterize(self, mu: Tensor, log_variance: Tensor) -> Tensor:
        return mu + (0.5 * log_variance).exp() * torch.randn_like(mu)

    def decode(self, z: Tensor, *_: Tensor) -> tuple[Tensor, Tensor]:
        return self.first_back(z), self.second_back(z)

    def forward(self, image: Tensor, text: Tensor) -> tuple[Tensor, Tensor]:
        return self.decode(self.reparameterize(*self.encode(image, text)))


def with_labels() -> tuple[Tensor, Tensor]:
    return torch.randn(4, 12), torch.tensor([0, 2, 1, 2])


def counts() -> Tensor:
    return torch.poisson(torch.full((4, 12), 3.0))


VARIANCE = {"log_variance": True}
FIRST = {"outputs_of": lambda self, result: [result[0]]}
SHARES = {"outputs_of": lambda self, result: [result["shares"]]}

SUBJECTS = [
    vae("Gaussian", Gaussian, normal(4, 12), **VARIANCE),
    vae("Conditional", Conditional, with_labels, **VARIANCE),
    vae("Denoising", Denoising, normal(4, 12), **VARIANCE),
    vae("Table", Table, normal(4, 12), **VARIANCE, **FIRST, unused_modules=("sigma",)),
    vae("Counts", Counts, counts, **VARIANCE, **SHARES, unused_modules=("dispersion",)),
    vae("Ladder", Ladder, normal(4, 12), **VARIANCE),
    vae(
        "TwoKinds",
        TwoKinds,
        lambda: (normal(4, 12)(), normal(4, 6)()),
        **VARIANCE,
        decode_inputs=(),
    ),
]
