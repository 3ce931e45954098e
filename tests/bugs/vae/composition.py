"""Bugs that the checks of suites/vae/composition.py are meant for."""

import torch
from mnist_vae.model import CNNVAE, MLPVAE
from torch import nn

from ...seeding import vae_bug

FORWARD = "test_forward_encodes_samples_and_decodes"
EVAL = "test_eval_mode_draws_as_declared"
LINEAR = "test_halves_are_not_linear"


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


@vae_bug(FORWARD, r"in training mode.*skip the sampling")
class DenoisesWithoutSampling(MLPVAE):
    """The noise on the inputs is not that of the code."""

    def forward(self, inputs):
        noise = 0.1 * torch.randn_like(inputs) if self.training else 0
        mu, log_sigma = self.encode(inputs + noise)
        return self.decode(mu if self.training else self.bottleneck(mu, log_sigma))


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


@vae_bug(
    EVAL,
    r"the same under two seeds in eval mode: it draws no latent code.*mean_in_eval_mode = True",
    mean_in_eval_mode=False,
)
class MeanInEvalMode(MLPVAE):
    """Everything that is evaluated from drawn codes, as the ELBO, is better than it should be."""

    def bottleneck(self, mu, log_sigma):
        return super().bottleneck(mu, log_sigma) if self.training else mu


@vae_bug(EVAL, r"differently under two seeds.*whatever self\.training is", mean_in_eval_mode=True)
class DrawsInEvalMode(MLPVAE):
    pass
