"""Normalising flows of nflows; the outputs are the log likelihoods of the inputs."""

from nflows import distributions, flows, transforms
from torch import nn

from .subject import model, normal

PACKAGE = "nflows"


def log_likelihood(self, net: nn.Module, points):
    return net.log_prob(points)


def neural_spline() -> nn.Module:
    layers = [
        transforms.ReversePermutation(4),
        transforms.MaskedPiecewiseRationalQuadraticAutoregressiveTransform(
            4, 16, num_bins=4, tails="linear", tail_bound=3.0
        ),
    ]
    return flows.Flow(transforms.CompositeTransform(layers), distributions.StandardNormal([4]))


SUBJECTS = [
    model(
        "MaskedAutoregressiveFlow",
        lambda: flows.MaskedAutoregressiveFlow(4, 16, 2, 1),
        normal(6, 4),
        call=log_likelihood,
    ),
    model(
        "SimpleRealNVP", lambda: flows.SimpleRealNVP(4, 16, 2, 1), normal(6, 4), call=log_likelihood
    ),
    model("NeuralSpline", neural_spline, normal(6, 4), call=log_likelihood),
]
