"""Correct but unusual variational autoencoders, on which no check may fail."""

import shutil
import warnings
from collections.abc import Callable

import torch
import torch.nn.functional as F
from mnist_vae.model import CNNVAE, MLPVAE, VAE
from torch import nn
from torch.nn.utils import parametrizations
from torch.utils.checkpoint import checkpoint

from ..varying import vae

SHAPE = (1, 8, 8)
FEATURES = 64
CODE = 4


class Halves(VAE):
    """A VAE of two given halves, for inputs of shape (1, 8, 8)."""

    def __init__(self, encoder: nn.Module, decoder: nn.Module, bottleneck_dim: int = CODE):
        super().__init__(bottleneck_dim)
        self.encoder, self.decoder = encoder, decoder


class Plain(Halves):
    """A small fully connected VAE, to be changed by the variants."""

    def __init__(self, bottleneck_dim: int = CODE):
        super().__init__(encoder(nn.ReLU(), 2 * bottleneck_dim), decoder(nn.ReLU(), bottleneck_dim))
        self.bottleneck_dim = bottleneck_dim


def encoder(middle: nn.Module, outputs: int = 2 * CODE) -> nn.Sequential:
    """(N, 1, 8, 8) -> (N, outputs), around a module that keeps 32 features."""
    return nn.Sequential(nn.Flatten(), nn.Linear(FEATURES, 32), middle, nn.Linear(32, outputs))


def decoder(middle: nn.Module, code: int = CODE) -> nn.Sequential:
    """(N, code) -> (N, 1, 8, 8), around a module that keeps 32 features."""
    head = [nn.Linear(32, FEATURES), nn.Unflatten(1, SHAPE), nn.Tanh()]
    return nn.Sequential(nn.Linear(code, 32), middle, *head)


def attributes(net: nn.Module, batch: int = 4, shape: tuple = SHAPE, **others) -> dict:
    return {"net": net, "test_inputs": torch.randn(batch, *shape), **others}


def with_middle(make: Callable[[], nn.Module], **others) -> dict:
    return attributes(Halves(encoder(make()), decoder(make())), **others)


def with_layers(make: Callable[[], nn.Module], **others) -> dict:
    return with_middle(lambda: nn.Sequential(make(), nn.ReLU()), **others)


def hidden_layer() -> nn.Sequential:
    """A further linear layer, behind the activation of the one before."""
    return nn.Sequential(nn.ReLU(), nn.Linear(32, 32))


# Normalisation and regularisation


@vae
def batch_norm_1d():
    return with_layers(lambda: nn.BatchNorm1d(32))


@vae
def batch_norm_2d():
    return attributes(CNNVAE(SHAPE, CODE), output_range=(-1, 1))


@vae
def batch_norm_with_cumulative_average():
    return with_layers(lambda: nn.BatchNorm1d(32, momentum=None))


@vae
def layer_norm():
    return with_layers(lambda: nn.LayerNorm(32))


@vae
def group_norm():
    return with_layers(lambda: nn.GroupNorm(4, 32))


@vae
def dropout():
    return with_layers(lambda: nn.Dropout(0.5))


@vae
def strong_dropout_declared():
    return with_layers(lambda: nn.Dropout(0.8), max_dropout=0.8)


@vae
def spectral_norm():
    return with_layers(lambda: parametrizations.spectral_norm(nn.Linear(32, 32)))


@vae
def weight_norm():
    return with_layers(lambda: parametrizations.weight_norm(nn.Linear(32, 32)))


@vae
def weight_norm_by_hook():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # it is deprecated, and everywhere
        return with_layers(
            lambda: nn.Sequential(nn.ReLU(), nn.utils.weight_norm(nn.Linear(32, 32)))
        )


@vae
def orthogonal_weights():
    return with_layers(lambda: parametrizations.orthogonal(nn.Linear(32, 32)))


# Activations, biases, initialisation


@vae
def prelu():
    return with_middle(nn.PReLU)


@vae
def gelu():
    return with_middle(nn.GELU)


@vae
def silu():
    return with_middle(nn.SiLU)


@vae
def no_biases():
    net = Plain()
    for module in net.modules():
        if isinstance(module, nn.Linear):
            module.register_parameter("bias", None)
    return attributes(net)


class Residual(nn.Module):
    """x + branch(x), whose last layer starts at zero."""

    def __init__(self, branch: nn.Module, zero_layer: nn.Module):
        super().__init__()
        self.branch = branch
        nn.init.zeros_(zero_layer.weight)
        nn.init.zeros_(zero_layer.bias)

    def forward(self, x):
        return x + self.branch(x)


@vae
def low_rank_layer():
    return with_layers(lambda: nn.Sequential(nn.ReLU(), nn.Linear(32, 8), nn.Linear(8, 32)))


def zero_residual() -> nn.Module:
    last = nn.Linear(32, 32)
    return Residual(nn.Sequential(nn.Linear(32, 32), nn.ReLU(), last), last)


@vae
def zero_initialised_residual_branches():
    return with_layers(lambda: nn.Sequential(zero_residual(), zero_residual()))


@vae
def zero_gamma():
    def block():
        norm = nn.LayerNorm(32)
        return Residual(nn.Sequential(nn.Linear(32, 32), norm), norm)

    return with_layers(block)


@vae
def zero_initialised_last_layers():
    net = Plain()
    for layer in (net.encoder[3], net.decoder[2]):
        nn.init.zeros_(layer.weight)
        nn.init.zeros_(layer.bias)
    return attributes(net)


class ReZero(nn.Module):
    def __init__(self):
        super().__init__()
        self.branch = nn.Sequential(nn.Linear(32, 32), nn.ReLU())
        self.alpha = nn.Parameter(torch.zeros(()))

    def forward(self, x):
        return x + self.alpha * self.branch(x)


@vae
def rezero():
    return with_layers(lambda: nn.Sequential(ReZero(), ReZero()))


class LoRA(nn.Module):
    """A frozen layer and a trained correction of rank 2 that starts at zero."""

    def __init__(self):
        super().__init__()
        self.base = nn.Linear(32, 32).requires_grad_(False)
        self.a = nn.Parameter(torch.randn(2, 32) / 32**0.5)
        self.b = nn.Parameter(torch.zeros(32, 2))

    def forward(self, x):
        return self.base(x) + x @ self.a.T @ self.b.T


@vae
def lora():
    return with_layers(LoRA, frozen_parameters=("*.base.*",))


@vae
def kaiming_initialisation():
    net = MLPVAE(SHAPE, CODE)
    for module in net.modules():
        if isinstance(module, nn.Linear):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            nn.init.zeros_(module.bias)
    return attributes(net)


# Frozen, tied and unused parts


@vae
def frozen_encoder_declared():
    net = Plain()
    net.encoder.requires_grad_(False)
    return attributes(net, frozen_parameters=("encoder.*",))


class FrozenEncoder(CNNVAE):
    """Keeps the statistics of its frozen encoder as well."""

    def __init__(self):
        super().__init__(SHAPE, CODE)
        self.encoder.requires_grad_(False)

    def train(self, mode=True):
        super().train(mode)
        self.encoder.eval()
        return self


@vae
def frozen_encoder_with_its_statistics():
    return attributes(FrozenEncoder(), frozen_parameters=("encoder.*",))


class Tied(Plain):
    """The last layer of the decoder is the transpose of the first one of the encoder."""

    def __init__(self):
        super().__init__()
        self.decoder = self.decoder[:2]
        self.bias = nn.Parameter(torch.zeros(FEATURES))

    def decode(self, latent_code):
        hidden = super().decode(latent_code)
        return F.linear(hidden, self.encoder[1].weight.T, self.bias).unflatten(1, SHAPE).tanh()


@vae
def tied_weights_by_transposition():
    return attributes(Tied())


@vae
def tied_parameter():
    values = with_layers(hidden_layer)
    net = values["net"]
    net.decoder[1][0][1].weight = net.encoder[2][0][1].weight
    return values


@vae
def shared_module_declared():
    layer = hidden_layer()
    return with_layers(lambda: layer, shared_modules=("decoder.1.0.*",))


class Positions(nn.Module):
    """A fixed table, which is not saved."""

    def __init__(self):
        super().__init__()
        self.register_buffer("table", torch.linspace(-1, 1, 32), persistent=False)
        self.register_buffer("scale", torch.tensor(0.5))

    def forward(self, x):
        return x + self.scale * self.table


@vae
def buffers():
    return with_layers(Positions)


class KeptForOldCheckpoints(Plain):
    def __init__(self):
        super().__init__()
        self.old = nn.Linear(3, 3).requires_grad_(False)


@vae
def unused_layer_declared_frozen():
    return attributes(KeptForOldCheckpoints(), frozen_parameters=("old.*",))


# Architectures


class FeatureAttention(nn.Module):
    """Self-attention over four groups of eight features of a sample."""

    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, x):
        tokens = x.unflatten(1, (4, 8))
        return (tokens + self.attention(tokens, tokens, tokens)[0]).flatten(1)


@vae
def attention_over_features():
    return with_layers(FeatureAttention)


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.1, batch_first=True)

    def forward(self, x):
        return self.layer(x.unflatten(1, (4, 8))).flatten(1)


@vae
def transformer_layer():
    return with_layers(Transformer)


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(8, 8, batch_first=True)

    def forward(self, x):
        return self.rnn(x.unflatten(1, (4, 8)))[0].flatten(1)


@vae
def recurrent_layer():
    return with_layers(Recurrent)


class Checkpointed(nn.Module):
    def __init__(self, use_reentrant: bool):
        super().__init__()
        self.layers = nn.Sequential(nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 32))
        self.use_reentrant = use_reentrant

    def forward(self, x):
        return checkpoint(self.layers, x, use_reentrant=self.use_reentrant)


@vae
def gradient_checkpointing():
    return with_layers(lambda: Checkpointed(use_reentrant=False))


@vae
def reentrant_gradient_checkpointing():
    return with_layers(lambda: Checkpointed(use_reentrant=True))


@vae
def channels_last():
    values = attributes(CNNVAE((3, 8, 8), CODE), shape=(3, 8, 8))
    values["net"].to(memory_format=torch.channels_last)
    values["test_inputs"] = values["test_inputs"].to(memory_format=torch.channels_last)
    return values


@vae
def max_pooling():
    pooling = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.MaxPool2d(2), nn.ReLU(), nn.Flatten(), nn.Linear(128, 8)
    )
    return attributes(Halves(pooling, decoder(nn.ReLU())))


@vae
def inplace_activations():
    return with_middle(lambda: nn.ReLU(inplace=True))


@vae
def lazily_initialised_layer():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # lazy modules announce that they may change
        lazy = nn.Sequential(nn.Flatten(), nn.LazyLinear(32), nn.ReLU(), nn.LazyLinear(2 * CODE))
    lazy(torch.zeros(2, *SHAPE))
    return attributes(Halves(lazy, decoder(nn.ReLU())))


@vae
def compiled():
    if shutil.which("g++") is None and shutil.which("c++") is None:
        return attributes(Plain())
    return attributes(torch.compile(Plain()))


@vae
def compiled_halves():
    net = Plain()
    net.encoder = torch.compile(net.encoder)
    net.decoder = torch.compile(net.decoder)
    return attributes(net)


# The latent code


class ClampedSigma(Plain):
    def encode(self, inputs):
        mu, log_sigma = super().encode(inputs)
        return mu, log_sigma.clamp(-4, 2)


@vae
def clamped_log_sigma():
    return attributes(ClampedSigma())


class FromDistributions(Plain):
    def bottleneck(self, mu, log_sigma):
        return torch.distributions.Normal(mu, log_sigma.exp()).rsample()


@vae
def sampling_by_distributions():
    return attributes(FromDistributions())


class SharedSigma(Plain):
    """One log_sigma for all dimensions of a sample."""

    def __init__(self):
        super().__init__()
        self.encoder[3] = nn.Linear(32, CODE + 1)

    def encode(self, inputs):
        mu, log_sigma = self.encoder(inputs).split([CODE, 1], dim=1)
        return mu, log_sigma


@vae
def log_sigma_shared_by_all_dimensions():
    return attributes(SharedSigma())


class GlobalSigma(Plain):
    """One trained log_sigma for everything."""

    def __init__(self):
        super().__init__()
        self.encoder[3] = nn.Linear(32, CODE)
        self.log_sigma = nn.Parameter(torch.zeros(CODE))

    def encode(self, inputs):
        mu = self.encoder(inputs)
        return mu, self.log_sigma.expand_as(mu)


@vae
def log_sigma_that_is_a_parameter():
    return attributes(GlobalSigma())


class BareSigma(GlobalSigma):
    """The same, without a batch axis."""

    def encode(self, inputs):
        mu, _ = super().encode(inputs)
        return mu, self.log_sigma


@vae
def log_sigma_without_a_batch_axis():
    return attributes(BareSigma())


class Softplus(Plain):
    def encode(self, inputs):
        mu, raw = super().encode(inputs)
        return mu, F.softplus(raw).log()


@vae
def sigma_by_softplus():
    return attributes(Softplus())


class MeanInEvalMode(Plain):
    def bottleneck(self, mu, log_sigma):
        return super().bottleneck(mu, log_sigma) if self.training else mu


@vae
def mean_in_eval_mode():
    return attributes(MeanInEvalMode())


class Denoising(Plain):
    def encode(self, inputs):
        noise = torch.randn_like(inputs) if self.training else 0
        return super().encode(inputs + 0.1 * noise)


@vae
def denoising():
    return attributes(Denoising())


@vae
def convolutional_latent_code():
    down = nn.Sequential(nn.Conv2d(1, 8, 4, 2, 1), nn.ReLU(), nn.Conv2d(8, 6, 4, 2, 1))
    up = [nn.ConvTranspose2d(3, 8, 4, 2, 1), nn.ReLU(), nn.ConvTranspose2d(8, 1, 4, 2, 1)]
    return attributes(Halves(down, nn.Sequential(*up, nn.Tanh())), output_range=(-1, 1))


class SigmaOfChannels(Halves):
    """A convolutional code with one trained log_sigma for every channel."""

    def __init__(self):
        down = nn.Sequential(nn.Conv2d(1, 8, 4, 2, 1), nn.ReLU(), nn.Conv2d(8, 3, 4, 2, 1))
        up = [nn.ConvTranspose2d(3, 8, 4, 2, 1), nn.ReLU(), nn.ConvTranspose2d(8, 1, 4, 2, 1)]
        super().__init__(down, nn.Sequential(*up, nn.Tanh()))
        self.log_sigma = nn.Parameter(torch.zeros(1, 3, 1, 1))

    def encode(self, inputs):
        return self.encoder(inputs), self.log_sigma


@vae
def log_sigma_of_channels():
    return attributes(SigmaOfChannels(), output_range=(-1, 1))


@vae
def bottleneck_of_1():
    return attributes(Plain(1), output_range=(-1, 1))


@vae
def bottleneck_of_2():
    return attributes(CNNVAE(SHAPE, 2))


@vae
def bottleneck_of_128():
    return attributes(Plain(128))


# Inputs and outputs


@vae
def three_channels():
    return attributes(CNNVAE((3, 8, 8), CODE), shape=(3, 8, 8))


@vae
def sixteen_by_sixteen():
    return attributes(CNNVAE((1, 16, 16), CODE), shape=(1, 16, 16))


@vae
def not_square():
    return attributes(CNNVAE((1, 8, 24), CODE), shape=(1, 8, 24))


@vae
def batch_of_2():
    return attributes(CNNVAE(SHAPE, CODE), batch=2)


@vae
def batch_of_33():
    return attributes(Plain(), batch=33)


@vae
def double_precision():
    values = attributes(CNNVAE(SHAPE, CODE).double())
    return {**values, "test_inputs": values["test_inputs"].double()}


@vae
def inputs_in_0_to_1():
    return {**attributes(Plain()), "test_inputs": torch.rand(4, *SHAPE)}


@vae
def binary_inputs():
    return {**attributes(Plain()), "test_inputs": torch.rand(4, *SHAPE).round() * 2 - 1}


@vae
def the_shipped_mlp():
    return attributes(MLPVAE(SHAPE, CODE), output_range=(-1, 1))


class Logits(Plain):
    """The decoder returns logits, as binary cross-entropy takes them."""

    def __init__(self):
        super().__init__()
        self.decoder = self.decoder[:-1]


@vae
def no_output_activation():
    return attributes(Logits())


@vae
def sigmoid_output():
    net = Plain()
    net.decoder[-1] = nn.Sigmoid()
    return attributes(net, output_range=(0, 1))


class ReturnsEverything(Plain):
    def forward(self, inputs):
        mu, log_sigma = self.encode(inputs)
        return self.decode(self.bottleneck(mu, log_sigma)), mu, log_sigma


@vae
def forward_returns_a_tuple():
    return attributes(ReturnsEverything())
