"""Conditional VAEs: what encode and decode get beside the sample."""

import torch
import torch.nn.functional as F
from torch import nn

from ...varying import vae
from .published import Published
from .small import CODE, FEATURES, SHAPE

CLASSES = 3


class ConditionalVAE(Published):
    """A label, as an embedding, stands beside the features and beside the code."""

    def __init__(self):
        super().__init__()
        self.label = nn.Embedding(CLASSES, 6)
        self.fc_mu = nn.Linear(8 * 16 + 6, CODE)
        self.fc_var = nn.Linear(8 * 16 + 6, CODE)
        self.decoder_input = nn.Linear(CODE + 6, 8 * 16)

    def encode(self, x, y):
        features = torch.cat([self.features(x), self.label(y)], dim=1)
        return self.fc_mu(features), self.fc_var(features)

    def decode(self, z, y):
        return super().decode(torch.cat([z, self.label(y)], dim=1))

    def forward(self, x, y):
        mu, logvar = self.encode(x, y)
        return self.decode(self.reparameterize(mu, logvar), y), mu, logvar


def labels() -> torch.Tensor:
    return torch.tensor([0, 2, 1, 2])


@vae
def conditional_on_a_label():
    inputs = (torch.randn(4, *SHAPE), labels())
    return {"net": ConditionalVAE(), "test_inputs": inputs, "log_variance": True}


@vae
def conditional_with_keyword_arguments():
    inputs = {"x": torch.randn(4, *SHAPE), "y": labels()}
    return {"net": ConditionalVAE(), "test_inputs": inputs, "log_variance": True}


class OneHot(nn.Module):
    """Its halves take the one-hot label where the image and the code end, as one tensor."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Linear(FEATURES + CLASSES, 32), nn.ReLU(), nn.Linear(32, 2 * CODE)
        )
        self.decoder = nn.Sequential(nn.Linear(CODE + CLASSES, 32), nn.ReLU(), nn.Linear(32, 64))

    def forward(self, x, y):
        label = F.one_hot(y, CLASSES).to(x.dtype)
        mu, logvar = self.encoder(torch.cat([x.flatten(1), label], dim=1)).chunk(2, dim=1)
        z = self.reparameterize(mu, logvar)
        return self.decoder(torch.cat([z, label], dim=1)).view_as(x), mu, logvar

    def reparameterize(self, mu, logvar):
        return mu + torch.randn_like(mu) * (logvar / 2).exp()


@vae
def conditional_without_methods():
    """Hooks take the place of encode and decode."""

    def encode(net, x, y):
        label = F.one_hot(y, CLASSES).to(x.dtype)
        return net.encoder(torch.cat([x.flatten(1), label], dim=1)).chunk(2, dim=1)

    def decode(net, z, y):
        label = F.one_hot(y, CLASSES).to(z.dtype)
        return net.decoder(torch.cat([z, label], dim=1)).unflatten(1, SHAPE)

    inputs = (torch.randn(4, *SHAPE), labels())
    hooks = {"encode": encode, "decode": decode}
    return {"net": OneHot(), "test_inputs": inputs, "log_variance": True, **hooks}


class MaskedEncoder(Published):
    """The encoder gets a mask of the pixels that are known; the decoder fills in all of them."""

    def encode(self, x, mask):
        return super().encode(x * mask)

    def forward(self, x, mask):
        mu, logvar = self.encode(x, mask)
        return self.decode(self.reparameterize(mu, logvar))


@vae
def mask_for_the_encoder_alone():
    inputs = (torch.randn(4, *SHAPE), torch.rand(4, *SHAPE) + 0.5)
    declared = {"log_variance": True, "decode_inputs": ()}
    return {"net": MaskedEncoder(), "test_inputs": inputs, **declared}
