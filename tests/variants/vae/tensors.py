"""Inputs and outputs of other shapes, types and ranges."""

import torch
from mnist_vae.model import CNNVAE, MLPVAE
from torch import nn

from ...varying import vae
from .small import CODE, SHAPE, Plain, attributes


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
