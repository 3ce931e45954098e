# SPDX-License-Identifier: MIT
"""VAEs that show how a trainer uses them."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.utils.data import Dataset

from ..marks import FIRST_VALUES, SPACING, Marks


class ProbeSplit(Dataset):
    """Images of one colour each, by which a sample can be told wherever it turns up."""

    def __init__(self, name: str, sample, size: int, first: int = 0):
        self.name = name
        self.sample = sample  # of the real data; all but the image is taken from there
        self.indices = range(first, first + size)
        self.shape = image_in(sample).shape
        self.marks = Marks(self.shape.numel())

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, index: int):
        value = FIRST_VALUES[self.name] + SPACING * self.indices[index]
        image = torch.full(self.shape, value)
        return (image, *self.sample[1:]) if isinstance(self.sample, tuple | list) else image


def image_in(sample) -> Tensor:
    image = sample[0] if isinstance(sample, tuple | list) else sample
    return torch.as_tensor(image)


@dataclass
class Code:
    """One call of a probe's `bottleneck` in training, and what was decoded next."""

    mu_has_gradient: bool
    log_sigma_has_gradient: bool
    latent_code: Tensor
    decoded: Tensor | None = None
    decoded_has_gradient: bool = False


class ProbeVAE(nn.Module):
    """A small VAE that notes its calls.

    With noise it has all that makes modes and random numbers matter: dropout, running statistics
    and sampling. Without, it is a plain function of its weights. Outputs lie in (0, 1).
    """

    def __init__(self, image_shape: torch.Size, noise: bool = True):
        super().__init__()
        self.image_shape = image_shape
        self.noise = noise
        size = image_shape.numel()
        self.inputs = nn.Linear(size, 6)
        self.normalisation = nn.BatchNorm1d(6) if noise else nn.Identity()
        self.dropout = nn.Dropout(0.3) if noise else nn.Identity()
        self.code = nn.Linear(6, 4)
        self.outputs = nn.Linear(2, size)
        self.codes: list[Code] = []

    def encode(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        features = self.inputs(inputs.flatten(1))
        if len(inputs) > 1 or not self.training:  # a single sample has no statistics
            features = self.normalisation(features)
        features = torch.tanh(features)
        mu, log_sigma = self.code(self.dropout(features)).chunk(2, dim=1)
        return mu, log_sigma

    def bottleneck(self, mu: Tensor, log_sigma: Tensor) -> Tensor:
        latent_code = mu + torch.randn_like(mu) * log_sigma.exp() if self.noise else mu.clone()
        if torch.is_grad_enabled():  # not in evaluation
            drawn = latent_code.detach().clone()
            self.codes.append(Code(mu.requires_grad, log_sigma.requires_grad, drawn))
        return latent_code

    def decode(self, latent_code: Tensor) -> Tensor:
        if torch.is_grad_enabled() and self.codes and self.codes[-1].decoded is None:
            self.codes[-1].decoded = latent_code.detach().clone()
            self.codes[-1].decoded_has_gradient = latent_code.requires_grad
        return self.outputs(latent_code).sigmoid().unflatten(1, self.image_shape)

    def forward(self, inputs: Tensor) -> Tensor:
        return self.decode(self.bottleneck(*self.encode(inputs)))


class AnsweringVAE(nn.Module):
    """Answers every batch of inputs with a function of it; has what else the owner's model has."""

    def __init__(self, answer, owners: nn.Module | None = None):
        super().__init__()
        self.answer = answer
        vars(self)["owners"] = owners  # no module of this one

    def __getattr__(self, name: str):
        owners = vars(self).get("owners")
        return super().__getattr__(name) if owners is None else getattr(owners, name)

    def encode(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        self.inputs = inputs
        code = torch.zeros(len(inputs), 1, device=inputs.device)
        return code, code

    def bottleneck(self, mu: Tensor, log_sigma: Tensor) -> Tensor:
        return mu

    def decode(self, latent_code: Tensor) -> Tensor:
        return self.answer(self.inputs)

    def forward(self, inputs: Tensor) -> Tensor:
        return self.decode(self.encode(inputs)[0])
