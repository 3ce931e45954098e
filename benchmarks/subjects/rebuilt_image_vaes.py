"""Formulations of well-known repositories and articles, rebuilt: networks for images."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .subject import images, vae

PACKAGE = "torch"
LATENT = 4


class Perceptron(nn.Module):
    """The example of PyTorch: grey values in [0, 1], one hidden layer; forward returns a tuple."""

    def __init__(self):
        super().__init__()
        self.hidden, self.mu, self.log_variance = (
            nn.Linear(64, 32),
            nn.Linear(32, LATENT),
            nn.Linear(32, LATENT),
        )
        self.back, self.pixels = nn.Linear(LATENT, 32), nn.Linear(32, 64)

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        hidden = F.relu(self.hidden(x.flatten(1)))
        return self.mu(hidden), self.log_variance(hidden)

    def reparameterize(self, mu: Tensor, log_variance: Tensor) -> Tensor:
        return mu + torch.exp(0.5 * log_variance) * torch.randn_like(log_variance)

    def decode(self, z: Tensor) -> Tensor:
        return torch.sigmoid(self.pixels(F.relu(self.back(z)))).view(-1, 1, 8, 8)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        mu, log_variance = self.encode(x)
        return self.decode(self.reparameterize(mu, log_variance)), mu, log_variance


class MeanInEvaluation(Perceptron):
    """The older example: the mean is decoded in eval mode."""

    def reparameterize(self, mu: Tensor, log_variance: Tensor) -> Tensor:
        return super().reparameterize(mu, log_variance) if self.training else mu


def down(channels: int, width: int) -> nn.Module:
    layers = nn.Conv2d(channels, width, 3, 2, 1), nn.BatchNorm2d(width), nn.LeakyReLU()
    return nn.Sequential(*layers)


def up(channels: int, width: int) -> nn.Module:
    deconvolution = nn.ConvTranspose2d(channels, width, 3, 2, 1, 1)
    return nn.Sequential(deconvolution, nn.BatchNorm2d(width), nn.LeakyReLU())


class Convolutional(nn.Module):
    """The usual one for pictures in [-1, 1]: strided convolutions with batch normalisation."""

    def __init__(self, channels: int = 3):
        super().__init__()
        self.encoder = nn.Sequential(down(channels, 8), down(8, 16), nn.Flatten())
        self.mu, self.log_variance = nn.Linear(256, LATENT), nn.Linear(256, LATENT)
        self.decoder_input = nn.Linear(LATENT, 256)
        layers = up(16, 8), up(8, 8), nn.Conv2d(8, 3, 3, padding=1), nn.Tanh()
        self.decoder = nn.Sequential(*layers)

    def encode(self, x: Tensor) -> list[Tensor]:
        hidden = self.encoder(x)
        return [self.mu(hidden), self.log_variance(hidden)]

    def reparameterize(self, mu: Tensor, log_variance: Tensor) -> Tensor:
        return mu + torch.exp(0.5 * log_variance) * torch.randn_like(log_variance)

    def decode(self, z: Tensor) -> Tensor:
        return self.decoder(self.decoder_input(z).view(-1, 16, 4, 4))

    def forward(self, x: Tensor) -> list[Tensor]:
        mu, log_variance = self.encode(x)
        return [self.decode(self.reparameterize(mu, log_variance)), x, mu, log_variance]


class Vamp(Convolutional):
    """With a prior of pseudo-inputs, which the loss alone encodes."""

    def __init__(self):
        super().__init__()
        self.embed_pseudo = nn.Sequential(nn.Linear(5, 3 * 16 * 16), nn.Hardtanh())


class Factor(Convolutional):
    """With a critic of the total correlation, which the loss alone asks."""

    def __init__(self):
        super().__init__()
        self.discriminator = nn.Sequential(nn.Linear(LATENT, 16), nn.LeakyReLU(), nn.Linear(16, 2))


class ImportanceWeighted(Convolutional):
    """Three codes for each picture: outputs (N, 3, C, H, W)."""

    samples = 3

    def reparameterize(self, mu: Tensor, log_variance: Tensor) -> Tensor:
        repeated = [values.unsqueeze(1).repeat(1, self.samples, 1) for values in (mu, log_variance)]
        return super().reparameterize(*repeated)

    def decode(self, z: Tensor) -> Tensor:
        decoded = super().decode(z.flatten(0, -2))
        return decoded.view(*z.shape[:-1], *decoded.shape[1:])


class Flowing(Convolutional):
    """A planar flow between the drawn code and the decoder."""

    def __init__(self):
        super().__init__()
        self.direction, self.weight = (nn.Parameter(torch.randn(LATENT) / 4) for _ in range(2))
        self.offset = nn.Parameter(torch.zeros(()))

    def decode(self, z: Tensor) -> Tensor:
        bent = torch.tanh(z @ self.weight + self.offset).unsqueeze(-1)
        return super().decode(z + self.direction * bent)


class SigmaVAE(Convolutional):
    """The noise of the pixels is learnt with the rest; the loss alone reads it."""

    def __init__(self):
        super().__init__()
        self.log_noise = nn.Parameter(torch.zeros(()))


VARIANCE = {"log_variance": True}
RANGE = {"output_range": (-1, 1)}

SUBJECTS = [
    vae("Perceptron", Perceptron, images(8, 1), **VARIANCE, output_range=(0, 1)),
    vae("MeanInEvaluation", MeanInEvaluation, images(8, 1), **VARIANCE, output_range=(0, 1)),
    vae("Convolutional", Convolutional, images(16), **VARIANCE, **RANGE),
    vae("Vamp", Vamp, images(16), **VARIANCE, unused_modules=("embed_pseudo",)),
    vae("Factor", Factor, images(16), **VARIANCE, unused_modules=("discriminator",)),
    vae(
        "ImportanceWeighted",
        ImportanceWeighted,
        images(16),
        **VARIANCE,
        output_shape=(4, 3, 3, 16, 16),
    ),
    vae("Flowing", Flowing, images(16), **VARIANCE, **RANGE),
    vae("SigmaVAE", SigmaVAE, images(16), **VARIANCE, unused_modules=("log_noise",)),
]
