"""Bugs that the checks of suites/model/outputs.py are meant for."""

import torch
from mnist_vae.model import MLPVAE
from torch import nn

from ...seeding import model_bug, vae_bug
from .bases import Net

SHAPE = "test_output_shape"
DEVICES = "test_moves_between_devices"
RANGE = "test_output_range"
BATCH_SIZE = "test_any_batch_size"
BLANK = "test_blank_and_constant_inputs"
UNMODIFIED = "test_inputs_are_not_modified"
DOUBLE = "test_computes_in_double_precision"
INPUT_ELEMENTS = "test_every_input_element_matters"


@vae_bug(SHAPE, r"returns shapes \[\(4, 8, 8\)\].*expected \[\(4, 1, 8, 8\)\].*squeezed")
class ChannelAxisSqueezed(MLPVAE):
    def decode(self, latent_code):
        return super().decode(latent_code).squeeze(1)


@model_bug(SHAPE, r"Net.* returns shapes|returns shapes \[\(4, 8\)\].*expected \[\(4, 6\)\]")
class LastLayerForgotten(Net):
    def forward(self, inputs):
        return self.hidden(inputs).relu()


@vae_bug(
    DEVICES,
    r"does not run on meta.*without device=",
    source="How to Trust Your Deep Learning Code; UNIT#37 (GaussianVAE2D)",
)
class NoiseOnTheCPU(MLPVAE):
    def bottleneck(self, mu, log_sigma):
        return mu + log_sigma.exp() * torch.randn(mu.shape)


@model_bug(DEVICES, r"does not run on meta.*in place of a buffer")
class TensorNotRegistered(Net):
    def __init__(self):
        super().__init__()
        self.scale = torch.rand(6)

    def forward(self, inputs):
        return super().forward(inputs * self.scale)


@model_bug(DEVICES, r"linear\(\) gets a tensor of shape \(8, 6\) on the CPU.*nn\.ModuleList")
class LayersInPlainList(Net):
    """The meta device itself lets this pass: it multiplies with a matrix on the CPU."""

    def __init__(self):
        super().__init__()
        self.layers = [self.hidden, self.out]
        del self.hidden, self.out
        self.gain = nn.Parameter(torch.ones(6))

    def forward(self, inputs):
        return self.layers[1](self.layers[0](inputs * self.gain).relu())


@model_bug(
    DEVICES,
    r"returns a tensor on \['cpu', 'meta'\].*made without device=",
    source="Humbatova et al. 2020, taxonomy (missing destination GPU device)",
)
class SecondOutputOnTheCPU(Net):
    def forward(self, inputs):
        return super().forward(inputs), torch.zeros(len(inputs), 2)


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


@model_bug(BATCH_SIZE, r"returns shapes \[\(6,\)\] for a batch of 1.*squeeze")
class SqueezesTheBatch(Net):
    def forward(self, inputs):
        return super().forward(inputs).squeeze()


@model_bug(BATCH_SIZE, r"does not take a batch of 1: shape.*fixed in a reshape")
class BatchSizeFixed(Net):
    def forward(self, inputs):
        return super().forward(inputs.view(4, 6))


@vae_bug(BLANK, r"not finite for inputs that are 0 everywhere.*division by a spread")
class NormalisedBySpread(MLPVAE):
    def encode(self, inputs):
        flat = inputs.flatten(1)
        return super().encode((flat - flat.mean(1, keepdim=True)) / flat.std(1, keepdim=True))


@model_bug(SHAPE, r"not finite for test_inputs.*logarithm or a root")
class RootOfNegative(Net):
    def forward(self, inputs):
        return super().forward(inputs).sqrt()


@model_bug(UNMODIFIED, r"InPlaceInput changes its inputs.*in-place")
class InPlaceInput(Net):
    def forward(self, inputs):
        return super().forward(inputs.mul_(2))


@model_bug(
    UNMODIFIED,
    r"ReplacesUnknownTokens changes its inputs.*in-place",
    inputs=lambda: torch.tensor([[1, 5, 9], [2, 7, 0], [8, 3, 3], [4, 11, 6]]),
)
class ReplacesUnknownTokens(nn.Module):
    """Whoever counts the unknown ones afterwards, or compares with the inputs, finds none."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(10, 2)
        self.out = nn.Linear(6, 6)

    def forward(self, inputs):
        inputs[inputs > 9] = 0
        return self.out(self.embedding(inputs).flatten(1).tanh())


@model_bug(UNMODIFIED, r"hidden\.weight is changed by a forward pass.*normalised or clipped")
class WeightNormalisedInPlace(Net):
    def forward(self, inputs):
        with torch.no_grad():
            self.hidden.weight /= self.hidden.weight.norm(dim=1, keepdim=True) + 0.5
        return super().forward(inputs)


@vae_bug(
    DOUBLE,
    r"does not run in float64.*fixed dtype",
    source="reported: Humbatova et al. 2020, taxonomy (tensor type)",
)
class NoiseInSinglePrecision(MLPVAE):
    def bottleneck(self, mu, log_sigma):
        return (mu + log_sigma.exp() * torch.randn_like(mu)).float()


@model_bug(
    DOUBLE,
    r"returns \['torch\.float32'\] after \.double\(\)",
    source="reported: Humbatova et al. 2020, taxonomy (tensor type)",
)
class OutputInSinglePrecision(Net):
    def forward(self, inputs):
        return super().forward(inputs).float()


@vae_bug(
    INPUT_ELEMENTS, r"ignores 32 of 64 elements of its input, the first at \(0, 4, 0\).*cropped"
)
class LowerHalfIgnored(MLPVAE):
    def encode(self, inputs):
        return super().encode(inputs * (torch.arange(8, device=inputs.device) < 4).view(8, 1))
