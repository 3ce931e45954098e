"""Hierarchies of latent codes."""

import torch
from torch import nn

from ...varying import vae
from .published import published
from .small import CODE, FEATURES, SHAPE


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
