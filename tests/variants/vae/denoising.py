"""Denoising VAEs: forward() encodes corrupted inputs while it trains."""

import torch

from ...varying import vae
from .published import Published, published


class Denoising(Published):
    """Im, Ahn, Memisevic and Bengio: Denoising criterion for variational auto-encoding (2017)."""

    def corrupted(self, x):
        return x + 0.3 * torch.randn_like(x)

    def forward(self, x):
        return super().forward(self.corrupted(x) if self.training else x)


@vae
def denoising():
    return published(Denoising())


class DenoisingOfMissingPixels(Denoising):
    """A third of the pixels is missing while it trains."""

    def corrupted(self, x):
        return torch.where(torch.rand_like(x) < 0.3, 0, x)


@vae
def denoising_of_missing_pixels():
    return published(DenoisingOfMissingPixels())
