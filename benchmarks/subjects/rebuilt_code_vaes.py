"""Formulations of well-known articles, rebuilt: other codes and posteriors."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .subject import images, vae

PACKAGE = "torch"


class Spatial(nn.Module):
    """A code with height and width, as in latent diffusion; both halves from one convolution."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Conv2d(3, 16, 4, 4), nn.SiLU(), nn.Conv2d(16, 8, 1))
        self.decoder = nn.Sequential(
            nn.Conv2d(4, 16, 1), nn.SiLU(), nn.ConvTranspose2d(16, 3, 4, 4)
        )

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        mu, log_variance = self.encoder(x).chunk(2, dim=1)
        return mu, log_variance.clamp(-30, 20)

    def reparametrize(self, mu: Tensor, log_variance: Tensor) -> Tensor:
        return mu + (log_variance / 2).exp() * torch.randn_like(mu)

    def decode(self, z: Tensor) -> Tensor:
        return self.decoder(z)

    def forward(self, x: Tensor) -> Tensor:
        return self.decode(self.reparametrize(*self.encode(x)))


class Positive(Spatial):
    """A standard deviation by softplus, as many write it with torch.distributions."""

    def encode(self, x: Tensor) -> torch.distributions.Normal:
        mu, scale = self.encoder(x).chunk(2, dim=1)
        return torch.distributions.Normal(mu, F.softplus(scale) + 1e-4)

    def forward(self, x: Tensor) -> tuple[Tensor, torch.distributions.Normal]:
        posterior = self.encode(x)
        return self.decode(posterior.rsample()), posterior


class Quantised(Spatial):
    """A codebook in place of a posterior, and its loss."""

    def __init__(self):
        super().__init__()
        self.codebook = nn.Embedding(16, 8)
        self.decoder[0] = nn.Conv2d(8, 16, 1)

    def encode(self, x: Tensor) -> Tensor:
        return self.encoder(x)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        z = self.encode(x)
        distances = torch.cdist(z.movedim(1, -1).flatten(0, 2), self.codebook.weight)
        nearest = self.codebook(distances.argmin(1)).view(z.movedim(1, -1).shape).movedim(-1, 1)
        loss = F.mse_loss(nearest, z.detach()) + 0.25 * F.mse_loss(z, nearest.detach())
        return self.decode(z + (nearest - z).detach()), loss


class Categorical(Spatial):
    """Relaxed categories, one for each place, in place of a Gaussian posterior."""

    def __init__(self):
        super().__init__()
        self.decoder[0] = nn.Conv2d(8, 16, 1)

    def encode(self, x: Tensor) -> Tensor:
        return self.encoder(x)

    def forward(self, x: Tensor) -> Tensor:
        return self.decode(F.gumbel_softmax(self.encode(x), tau=0.5, dim=1))


def of_distribution(self, net: nn.Module, x: Tensor) -> tuple[Tensor, Tensor]:
    posterior = net.encode(x)
    return posterior.mean, posterior.scale.log()


SOFTPLUS = {
    "encode": of_distribution,
    "sample": lambda self, net, mu, log_sigma: torch.distributions.Normal(
        mu, log_sigma.exp()
    ).rsample(),
}

SUBJECTS = [
    vae("Spatial", Spatial, images(16), log_variance=True),
    vae("Softplus", Positive, images(16), **SOFTPLUS),
    vae("Categorical", Categorical, images(16), refused=True),
    vae("Quantised", Quantised, images(16), refused=True),
]
