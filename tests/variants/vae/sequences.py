"""VAEs for sequences: a code at every step, and tokens."""

import torch
from torch import nn

from ...varying import vae
from .small import CODE

STEPS, CHANNELS, TOKENS = 5, 3, 11


class Sequences(nn.Module):
    """A recurrent encoder with a code at every step, (N, T, D)."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.GRU(CHANNELS, 16, batch_first=True)
        self.moments = nn.Linear(16, 2 * CODE)
        self.decoder = nn.GRU(CODE, 16, batch_first=True)
        self.outputs = nn.Linear(16, CHANNELS)

    def encode(self, x):
        mu, logvar = self.moments(self.encoder(x)[0]).chunk(2, dim=-1)
        return mu, logvar

    def reparameterize(self, mu, logvar):
        return mu + (0.5 * logvar).exp() * torch.randn_like(mu)

    def decode(self, z):
        return self.outputs(self.decoder(z)[0])

    def forward(self, x):
        mu, logvar = self.encode(x)
        return self.decode(self.reparameterize(mu, logvar)), mu, logvar


@vae
def code_at_every_step_of_a_sequence():
    inputs = torch.randn(4, STEPS, CHANNELS)
    return {"net": Sequences(), "test_inputs": inputs, "log_variance": True}


class Tokens(nn.Module):
    """A transformer that encodes a sentence into one code and decodes all positions at once."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(TOKENS, 16)
        self.positions = nn.Parameter(torch.randn(STEPS, 16))
        self.encoder = layer()
        self.moments = nn.Linear(16, 2 * CODE)
        self.code = nn.Linear(CODE, 16)
        self.decoder = layer()
        self.logits = nn.Linear(16, TOKENS)

    def encode(self, tokens):
        features = self.encoder(self.embedding(tokens) + self.positions)
        mu, log_sigma = self.moments(features.mean(dim=1)).chunk(2, dim=1)
        return mu, log_sigma

    def reparametrize(self, mu, log_sigma):
        return mu + log_sigma.exp() * torch.randn_like(mu)

    def decode(self, z):
        return self.logits(self.decoder(self.code(z).unsqueeze(1) + self.positions))

    def forward(self, tokens):
        return self.decode(self.reparametrize(*self.encode(tokens)))


def layer() -> nn.Module:
    return nn.TransformerEncoderLayer(16, 2, 32, dropout=0.1, batch_first=True)


@vae
def transformer_on_tokens():
    inputs = torch.randint(TOKENS, (4, STEPS))
    return {"net": Tokens(), "test_inputs": inputs, "output_shape": (4, STEPS, TOKENS)}
