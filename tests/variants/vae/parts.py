"""Parts that are frozen, tied, shared or not used."""

import torch
import torch.nn.functional as F
from mnist_vae.model import CNNVAE
from torch import nn

from ...varying import vae
from .small import (
    CODE,
    FEATURES,
    SHAPE,
    Plain,
    attributes,
    hidden_layer,
    with_layers,
)


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
