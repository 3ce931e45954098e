"""Models, data and a log that show how a trainer uses them."""

import functools
import inspect
import random
from dataclasses import dataclass
from types import SimpleNamespace

import torch
from torch import Tensor, nn
from torch.utils.data import Dataset
from torch.utils.tensorboard import SummaryWriter

# Values of the images of a split: apart from each other and from those of the other split, and
# legal for a loss on [-1, 1] and for one on [0, 1].
FIRST_VALUES = {"train_data": 0.1, "test_data": 0.6}
SPACING = 0.02


class ProbeSplit(Dataset):
    """Images of one colour each, by which a sample can be told wherever it turns up."""

    def __init__(self, name: str, sample, size: int, first: int = 0, augmented: bool = False):
        self.name = name
        self.sample = sample  # of the real data; all but the image is taken from there
        self.augmented = augmented  # slightly, by two generators
        self.indices = range(first, first + size)
        self.shape = image_in(sample).shape

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, index: int):
        value = FIRST_VALUES[self.name] + SPACING * self.indices[index]
        if self.augmented:
            value += 0.1 * SPACING * (torch.rand(()).item() + random.random() - 1)
        image = torch.full(self.shape, value)
        return (image, *self.sample[1:]) if isinstance(self.sample, tuple | list) else image


def probe_data(data, size: int, test_size: int, augmented: bool = False) -> SimpleNamespace:
    """Two probe splits whose samples look like those of `data`."""
    sample = data.train_data[0]
    return SimpleNamespace(
        train_data=ProbeSplit("train_data", sample, size, augmented=augmented),
        test_data=ProbeSplit("test_data", sample, test_size),
        shape=image_in(sample).shape,
    )


def image_in(sample) -> Tensor:
    image = sample[0] if isinstance(sample, tuple | list) else sample
    return torch.as_tensor(image)


@dataclass
class Call:
    """One call of a probe's `encode`."""

    values: list[float]  # of the images, one each
    training: list[bool]  # of the model and of its dropout and normalisation layers
    with_gradients: bool
    device: torch.device

    def samples(self, split: str) -> list[int]:
        """The indices of those of its images that belong to a split."""
        distances = [(value - FIRST_VALUES[split]) / SPACING for value in self.values]
        near = [round(d) for d in distances if abs(d - round(d)) < 0.2]
        return [index for index in near if 0 <= index < 25]


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

    def __init__(self, image_shape: tuple[int, ...], noise: bool = True):
        super().__init__()
        self.image_shape = image_shape
        self.noise = noise
        size = image_shape.numel()
        self.inputs = nn.Linear(size, 6)
        self.normalisation = nn.BatchNorm1d(6) if noise else nn.Identity()
        self.dropout = nn.Dropout(0.3) if noise else nn.Identity()
        self.code = nn.Linear(6, 4)
        self.outputs = nn.Linear(2, size)
        self.calls: list[Call] = []
        self.codes: list[Code] = []

    def encode(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        self.note(inputs)
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

    def note(self, inputs: Tensor):
        modes = [m.training for m in (self, self.normalisation, self.dropout)]
        values = [] if inputs.is_meta else inputs.flatten(1)[:, 0].tolist()
        self.calls.append(Call(values, modes, torch.is_grad_enabled(), inputs.device))


class AnsweringVAE(nn.Module):
    """Answers every batch of inputs with a function of it."""

    def __init__(self, answer):
        super().__init__()
        self.answer = answer

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


@functools.cache
def signature_of(method: str) -> inspect.Signature:
    return inspect.signature(getattr(SummaryWriter, method))


class Recorder:
    """Takes the calls that a SummaryWriter takes, and keeps them."""

    def __init__(self):
        self.calls: list[tuple[str, dict]] = []

    def __getattr__(self, method: str):
        signature = signature_of(method)

        def record(*arguments, **named):
            bound = signature.bind(self, *arguments, **named)
            bound.apply_defaults()
            self.calls.append((method, bound.arguments))

        return record

    def with_tag(self, tag: str, method: str = "add_scalar") -> list[dict]:
        """The arguments, by name, of all calls of a method with a tag."""
        return [
            arguments
            for name, arguments in self.calls
            if name == method and arguments["tag"] == tag
        ]

    def values(self, tag: str) -> list[float]:
        return [float(call["scalar_value"]) for call in self.with_tag(tag)]


def training_calls(trainer) -> list[Call]:
    return [call for call in trainer.model.calls if call.with_gradients]
