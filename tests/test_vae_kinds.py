"""A net that the suite for VAEs cannot judge is told so by one failing check, in one sentence."""

import unittest

import torch
import torch.nn.functional as F
from suites import AbstractTestVAE
from torch import nn
from torch.distributions import Beta, Gamma, Normal

from .check_runs import case_class, checks_of, messages, run_check
from .variants.vae.distributions import TorchDistribution
from .variants.vae.levels import TwoLevels
from .variants.vae.published import Published
from .variants.vae.small import CODE, SHAPE, Plain

ENCODE = "test_encode_returns_mu_and_log_sigma"
SAMPLE = "test_bottleneck_draws_a_latent_code"
DECODE = "test_decode_takes_latent_codes"
SIGMA = "test_latent_code_has_standard_deviation_sigma"


class Quantised(Plain):
    """The nearest of eight vectors takes the place of what is encoded."""

    def __init__(self):
        super().__init__()
        self.codebook = nn.Embedding(8, 2 * CODE)
        self.decoder[0] = nn.Linear(2 * CODE, 32)

    def encode(self, inputs):
        return self.encoder(inputs)

    def forward(self, inputs):
        features = self.encode(inputs)
        nearest = self.codebook(torch.cdist(features, self.codebook.weight).argmin(dim=1))
        commitment = F.mse_loss(features, nearest.detach()) + F.mse_loss(nearest, features.detach())
        return self.decode(features + (nearest - features).detach()), commitment


class Deterministic(Plain):
    """As a Wasserstein autoencoder, whose loss alone knows of a prior."""

    def encode(self, inputs):
        return super().encode(inputs)[0]

    def forward(self, inputs):
        return self.decode(self.encode(inputs))


class GammaPosterior(Plain):
    """It says what it validates: torch.compile, used once, ends validation in the whole process."""

    def encode(self, inputs):
        alpha, beta = super().encode(inputs)
        return F.softplus(alpha) + 1e-3, F.softplus(beta) + 1e-3

    def bottleneck(self, alpha, beta):
        return Gamma(alpha, beta, validate_args=True).rsample()


class BetaPosterior(Plain):
    """Its parameters are made positive where it draws."""

    def bottleneck(self, alpha, beta):
        return Beta(F.softplus(alpha) + 1e-3, F.softplus(beta) + 1e-3).rsample()


class SkipConnections(Plain):
    """The decoder gets features of the encoder, as that of a U-Net does."""

    def encode(self, inputs):
        self.features = self.encoder[:2](inputs)
        return super().encode(inputs)

    def decode(self, latent_code, features):
        return super().decode(latent_code) + features.mean(dim=1).view(-1, 1, 1, 1)

    def forward(self, inputs):
        return self.decode(self.bottleneck(*self.encode(inputs)), self.features)


class WithoutMethods(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = Plain()

    def forward(self, inputs):
        return self.net(inputs)


class DrawsInForward(nn.Module):
    """The sampling is a line of forward()."""

    def __init__(self):
        super().__init__()
        self.halves = Plain()

    def encode(self, inputs):
        return self.halves.encode(inputs)

    def decode(self, latent_code):
        return self.halves.decode(latent_code)

    def forward(self, inputs):
        mu, log_sigma = self.encode(inputs)
        return self.decode(mu + log_sigma.exp() * torch.randn_like(mu))


class DecodesToADistribution(Plain):
    def decode(self, latent_code):
        return Normal(super().decode(latent_code), 1.0)

    def forward(self, inputs):
        return self.decode(self.bottleneck(*self.encode(inputs))).mean


# The check that fails, and what it says.
KINDS = {
    Quantised: (ENCODE, r"encode returns 1 tensors.*one for AbstractTestModel"),
    Deterministic: (ENCODE, r"encode returns 1 tensors.*one for AbstractTestModel"),
    TwoLevels: (ENCODE, r"encode returns 4 tensors.*\nOverride encode"),
    TorchDistribution: (ENCODE, r"encode returns no tensors but .*Independent.*\nOverride encode"),
    WithoutMethods: (ENCODE, r"has no method encode.\nOverride encode"),
    GammaPosterior: (SAMPLE, r"bottleneck cannot be run: ValueError.*one for AbstractTestModel"),
    BetaPosterior: (SAMPLE, r"positive latent codes only.*one for AbstractTestModel"),
    DrawsInForward: (SAMPLE, r"has no method bottleneck or reparameterize.*\nOverride sample"),
    SkipConnections: (DECODE, r"missing 1 required positional argument.*features of the encoder"),
    DecodesToADistribution: (
        DECODE,
        r"decode returns no floating tensor but Normal",
    ),
    Published: (SIGMA, r"If that is what encode returns, set log_variance = True"),
}


class TestKinds(unittest.TestCase):
    def test_what_cannot_be_judged_is_said_once(self):
        for kind, (check, message) in KINDS.items():
            with self.subTest(kind=kind.__name__):
                found = self.problems_of(kind)
                self.assertEqual([*found], [check], found)
                for text in found[check]:
                    self.assertRegex(text, f"(?s){message}")
                    self.assertLessEqual(len(text.splitlines()), 3, text)

    def problems_of(self, kind: type) -> dict[str, list[str]]:
        """The messages of all checks that fail or break on a net."""

        def set_up(case):
            case.net, case.test_inputs = kind(), torch.randn(4, *SHAPE)

        case = case_class(kind.__name__, AbstractTestVAE, set_up, "TestCase first")
        results = {check: run_check(case, check) for check in checks_of(AbstractTestVAE)}
        return {
            check: messages(result.failures + result.errors)
            for check, result in results.items()
            if not result.wasSuccessful()
        }
