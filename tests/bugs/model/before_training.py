"""Bugs that the checks of suites/model/before_training.py are meant for."""

from torch import nn
from torch.nn.utils import spectral_norm

from ...seeding import model_bug
from .bases import Net

MAKES = "test_forward_makes_no_parameters"
EVALUATES = "test_evaluates_before_it_was_trained"


@model_bug(MAKES, r"\.head\.bias is made by a forward pass.*An optimizer and a state_dict")
class LayerMadeByForward(Net):
    """The first batch says how wide its inputs are; the optimizer has never heard of it."""

    def forward(self, inputs):
        if not hasattr(self, "head"):
            self.head = nn.Linear(inputs.shape[1], 6)
        return super().forward(inputs) + self.head(inputs)


@model_bug(MAKES, r"\.shift is made by a forward pass")
class ShiftMadeByForward(Net):
    """In training mode only, so that a new model cannot load what an old one saved."""

    def forward(self, inputs):
        if self.training and not hasattr(self, "shift"):
            self.register_buffer("shift", inputs.detach().mean(dim=0))
        return super().forward(inputs - getattr(self, "shift", 0))


@model_bug(
    EVALUATES,
    r"returns up to .* in eval mode when new, but .* after one forward pass in training mode"
    r".*hidden\.weight_u.*parametrizations",
    source="pytorch/pytorch#51800",
)
class SpectralNormWithoutAStart(Net):
    """Its norms are estimated from random vectors until the first pass in training mode."""

    def __init__(self):
        super().__init__()
        self.hidden, self.out = spectral_norm(nn.Linear(6, 64)), spectral_norm(nn.Linear(64, 6))


@model_bug(EVALUATES, r"after one forward pass in training mode.*kept in an attribute")
class ScaleKnownInTrainingOnly(Net):
    """Norms are cached in training, and evaluation takes what is there."""

    norm = 1.0

    def forward(self, inputs):
        if self.training:
            self.norm = 10 * self.out.weight.detach().norm()
        return super().forward(inputs) / self.norm
