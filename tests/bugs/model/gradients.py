"""Bugs that the checks of suites/model/gradients.py are meant for."""

from torch import nn

from ...seeding import model_bug

GRADIENT_SIZE = "test_gradients_reach_the_first_layer"


@model_bug(GRADIENT_SIZE, r"0\.weight has gradients up to .*vanish in a stack of sigmoids")
class StackOfSigmoids(nn.Sequential):
    def __init__(self):
        hidden = [layer for _ in range(10) for layer in (nn.Linear(6, 6), nn.Sigmoid())]
        super().__init__(*hidden, nn.Linear(6, 6))


@model_bug(GRADIENT_SIZE, r"gradients around 1 at the outputs.*explode")
class NoNormalisation(nn.Sequential):
    def __init__(self):
        layers = [nn.Linear(6, 6) for _ in range(12)]
        super().__init__(*layers)
        for layer in layers:
            nn.init.normal_(layer.weight, std=8.0)
