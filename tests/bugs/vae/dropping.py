"""Bugs that the checks of suites/vae/dropping.py are meant for."""

import torch.nn.functional as F
from mnist_vae.model import MLPVAE
from torch import nn

from ...seeding import vae_bug

DROPPED = "test_no_dropout_behind_the_last_layer"


@vae_bug(DROPPED, r"encode: \d+% of mu is exactly 0 in training mode.*behind the last layer")
class DropoutBehindTheEncoder(MLPVAE):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.encoder.append(nn.Dropout(0.1))


@vae_bug(DROPPED, r"of log_sigma is exactly 0 in training mode")
class LogSigmaDropped(MLPVAE):
    def encode(self, inputs):
        mu, log_sigma = super().encode(inputs)
        return mu, F.dropout(log_sigma, 0.2, self.training)


@vae_bug(DROPPED, r"decode: \d+% of the output is exactly 0 in training mode")
class DropoutBehindTheDecoder(MLPVAE):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.decoder.append(nn.Dropout(0.1))
