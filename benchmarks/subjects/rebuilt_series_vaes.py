"""Formulations of well-known articles, rebuilt: sentences and series."""

import torch
from torch import Tensor, nn

from .subject import normal, tokens, vae

PACKAGE = "torch"
LATENT = 4


class Text(nn.Module):
    """Sentences, read by an LSTM and written by another that starts at the code.

    The words before the one to be written are given.
    """

    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(20, 8)
        self.reader, self.writer = (
            nn.LSTM(8, 16, batch_first=True),
            nn.LSTM(8, 16, batch_first=True),
        )
        self.posterior, self.start = nn.Linear(16, 2 * LATENT), nn.Linear(LATENT, 16)
        self.scores = nn.Linear(16, 20)

    def encode(self, sentence: Tensor, before: Tensor) -> tuple[Tensor, Tensor]:
        hidden = self.reader(self.words(sentence))[1][0][-1]
        mu, log_variance = self.posterior(hidden).chunk(2, dim=1)
        return mu, log_variance

    def reparameterize(self, mu: Tensor, log_variance: Tensor) -> Tensor:
        return mu + (0.5 * log_variance).exp() * torch.randn_like(mu)

    def decode(self, z: Tensor, before: Tensor) -> Tensor:
        start = self.start(z).tanh().unsqueeze(0)
        return self.scores(self.writer(self.words(before), (start, torch.zeros_like(start)))[0])

    def forward(self, sentence: Tensor, before: Tensor) -> Tensor:
        return self.decode(self.reparameterize(*self.encode(sentence, before)), before)


class Series(nn.Module):
    """A series in one dimension: convolutions over time."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Conv1d(2, 8, 4, 2, 1), nn.ELU(), nn.Flatten())
        self.mu, self.log_sigma = nn.Linear(64, LATENT), nn.Linear(64, LATENT)
        self.decoder_input = nn.Linear(LATENT, 64)
        self.decoder = nn.Sequential(nn.ELU(), nn.ConvTranspose1d(8, 2, 4, 2, 1))

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        hidden = self.encoder(x)
        return self.mu(hidden), self.log_sigma(hidden)

    def bottleneck(self, mu: Tensor, log_sigma: Tensor) -> Tensor:
        return mu + log_sigma.exp() * torch.randn_like(mu)

    def decode(self, z: Tensor) -> Tensor:
        return self.decoder(self.decoder_input(z).view(-1, 8, 8))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        mu, log_sigma = self.encode(x)
        return self.decode(self.bottleneck(mu, log_sigma)), mu, log_sigma


def sentence_pairs() -> tuple[Tensor, Tensor]:
    return tokens(20, 4, 6)(), tokens(20, 4, 6)()


SUBJECTS = [
    vae("Text", Text, sentence_pairs, log_variance=True, output_shape=(4, 6, 20)),
    vae("Series", Series, normal(4, 2, 16)),
]
