"""Normalising flows of normflows; the outputs are the log likelihoods of the inputs."""

import normflows as nf
import torch
from torch import Tensor, nn

from .subject import model, normal

PACKAGE = "normflows"


def log_likelihood(self, net: nn.Module, points: Tensor) -> Tensor:
    return net.log_prob(points)


def glow() -> nn.Module:
    blocks = [[nf.flows.GlowBlock(12, 8) for _ in range(2)]]
    merges, bases = [nf.flows.Squeeze()], [nf.distributions.DiagGaussian((12, 4, 4))]
    net = nf.NormalizingFlow(bases[0], [*blocks[0], merges[0]])
    net.log_prob(torch.randn(16, 3, 8, 8))  # its first batch decides on scales and offsets
    return net


def residual() -> nn.Module:
    net = nf.nets.LipschitzMLP([2, 16, 2], init_zeros=True, lipschitz_const=0.9)
    layers = [nf.flows.Residual(net, reduce_memory=False, brute_force=True)]
    return nf.NormalizingFlow(nf.distributions.DiagGaussian(2), layers)


def coupling() -> nn.Module:
    layers = [nf.flows.AutoregressiveRationalQuadraticSpline(2, 1, 8), nf.flows.LULinearPermute(2)]
    return nf.NormalizingFlow(nf.distributions.DiagGaussian(2, trainable=False), layers)


SUBJECTS = [
    model("Glow", glow, normal(4, 3, 8, 8), call=log_likelihood),
    model("Residual", residual, normal(6, 2), call=log_likelihood),
    model("CoupledSpline", coupling, normal(6, 2), call=log_likelihood),
]
