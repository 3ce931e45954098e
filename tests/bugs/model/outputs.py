"""Bugs that the checks of suites/model/outputs.py are meant for."""

from mnist_vae.model import MLPVAE
from torch import nn

from ...seeding import model_bug, vae_bug
from .bases import Net

RUNS = "test_runs_in_both_modes"
SHAPE = "test_output_shape"
RANGE = "test_output_range"
BLANK = "test_blank_and_constant_inputs"


@vae_bug(SHAPE, r"returns shapes \[\(4, 8, 8\)\].*expected \[\(4, 1, 8, 8\)\].*squeezed")
class ChannelAxisSqueezed(MLPVAE):
    def decode(self, latent_code):
        return super().decode(latent_code).squeeze(1)


@model_bug(SHAPE, r"Net.* returns shapes|returns shapes \[\(4, 8\)\].*expected \[\(4, 6\)\]")
class LastLayerForgotten(Net):
    def forward(self, inputs):
        return self.hidden(inputs).relu()


@vae_bug(
    RANGE,
    r"returns values from 0.* even with enlarged weights",
    output_range=(-1, 1),
    source="Humbatova et al. 2021, DeepCrime (change activation function)",
)
class SigmoidForTanh(MLPVAE):
    def decode(self, latent_code):
        return super().decode(latent_code).atanh().sigmoid()


@vae_bug(
    RANGE,
    r"but output_range is \[-1, 1\].*last activation missing",
    output_range=(-1, 1),
    source="Humbatova et al. 2021, DeepCrime (remove activation function)",
)
class OutputActivationMissing(MLPVAE):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.decoder = self.decoder[:-1]


@vae_bug(
    RANGE,
    r"from 0 to 1, even.*behind another one",
    output_range=(-1, 1),
    source="reported: Humbatova et al. 2021, DeepCrime (add activation)",
)
class ReLUBeforeTanh(MLPVAE):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.decoder.insert(6, nn.ReLU())


@vae_bug(
    RANGE,
    r"from -0\.76.* to 0\.76.*applied twice",
    output_range=(-1, 1),
    source="focal-loss-pytorch PR#5, lanedet#32 (double activation, sigmoid)",
)
class TanhTwice(MLPVAE):
    def decode(self, latent_code):
        return super().decode(latent_code).tanh()


@vae_bug(BLANK, r"not finite for inputs that are 0 everywhere.*division by a spread")
class NormalisedBySpread(MLPVAE):
    def encode(self, inputs):
        flat = inputs.flatten(1)
        return super().encode((flat - flat.mean(1, keepdim=True)) / flat.std(1, keepdim=True))


@model_bug(SHAPE, r"not finite for test_inputs.*logarithm or a root")
class RootOfNegative(Net):
    def forward(self, inputs):
        return super().forward(inputs).sqrt()


@model_bug(RUNS, r"cannot be set to training mode: TypeError.*train\(\) overridden")
class TrainTakesABatch(Net):
    """The training step in the place of nn.Module.train, which sets the mode."""

    def train(self, inputs, targets):
        return (self(inputs) - targets).square().mean()


@model_bug(RUNS, r"returns NoneType with no floating tensor in it.*`return` missing")
class ReturnForgotten(Net):
    def forward(self, inputs):
        self.out(self.hidden(inputs).relu())


@model_bug(RUNS, r"does not run on test_inputs in training mode: RuntimeError: mat1 and mat2")
class WidthsDoNotFit(Net):
    def __init__(self):
        super().__init__()
        self.out = nn.Linear(9, 6)
