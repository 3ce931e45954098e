"""Bugs in models."""

import torch
from mnist_vae.model import CNNVAE, MLPVAE
from torch import nn

from . import model_bug, vae_bug

SHAPE = "test_output_shape"
DEVICES = "test_moves_between_devices"
BY_GRADIENT = "test_batch_independence_by_gradient"
BY_VALUE = "test_batch_independence_by_value"
SHUFFLED = "test_batch_independence_alone_and_shuffled"
UPDATES = "test_all_parameters_are_updated"


class Net(nn.Module):
    """A correct model from (N, 6) to (N, 6) as the base of bugs."""

    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(6, 8)
        self.out = nn.Linear(8, 6)

    def forward(self, inputs):
        return self.out(self.hidden(inputs).relu())


@vae_bug(SHAPE, r"returns shapes \[\(4, 8, 8\)\].*expected \[\(4, 1, 8, 8\)\].*squeezed")
class ChannelAxisSqueezed(MLPVAE):
    def decode(self, latent_code):
        return super().decode(latent_code).squeeze(1)


@model_bug(SHAPE, r"Net.* returns shapes|returns shapes \[\(4, 8\)\].*expected \[\(4, 6\)\]")
class LastLayerForgotten(Net):
    def forward(self, inputs):
        return self.hidden(inputs).relu()


@vae_bug(DEVICES, r"does not run on meta.*without device=")
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


@model_bug(DEVICES, r"returns a tensor on \['cpu', 'meta'\].*made without device=")
class SecondOutputOnTheCPU(Net):
    def forward(self, inputs):
        return super().forward(inputs), torch.zeros(len(inputs), 2)


@vae_bug(BY_GRADIENT, r"sample \d influences the outputs of the other.*softmax")
class SoftmaxOverBatch(MLPVAE):
    def encode(self, inputs):
        mu, log_sigma = super().encode(inputs)
        return mu.softmax(dim=0), log_sigma


@vae_bug(BY_GRADIENT, r"sample \d influences.*eval mode")
class BatchMeanSubtracted(MLPVAE):
    def encode(self, inputs):
        mu, log_sigma = super().encode(inputs)
        return mu - mu.mean(dim=0), log_sigma


@vae_bug(BY_GRADIENT, r"sample \d influences.*reshape")
class SamplesMixedByReshape(MLPVAE):
    def encode(self, inputs):
        mixed = inputs.flatten(1).t().reshape(len(inputs), -1)
        return super().encode(mixed)


@vae_bug(BY_GRADIENT, r"sample 0 influences")
class FirstSampleAsReference(MLPVAE):
    def encode(self, inputs):
        return super().encode(inputs - inputs[:1])


@vae_bug(BY_GRADIENT, r"sample \d influences.*normalisation")
class BatchNormWithoutStatistics(CNNVAE):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.encoder[1] = nn.BatchNorm2d(16, track_running_stats=False)


@vae_bug(BY_GRADIENT, r"sample \d influences")
class NormalisedOverEverything(MLPVAE):
    def encode(self, inputs):
        return super().encode((inputs - inputs.mean()) / inputs.std())


@vae_bug(BY_GRADIENT, r"samples \[.*\] have no gradient from their own outputs.*detached")
class InputDetached(MLPVAE):
    def encode(self, inputs):
        return super().encode(inputs.detach())


@model_bug(BY_GRADIENT, r"No output of OutputDetached has a gradient.*detach")
class OutputDetached(Net):
    def forward(self, inputs):
        return super().forward(inputs).detach()


@vae_bug(BY_VALUE, r"changes for sample \d when the others are exchanged.*over the batch axis")
class BatchMeanWithoutGradient(MLPVAE):
    """The gradient does not see it."""

    def encode(self, inputs):
        return super().encode(inputs - inputs.mean(dim=0).detach())


@vae_bug(BY_VALUE, r"changes for sample \d when the others are exchanged")
class BatchReversed(MLPVAE):
    def decode(self, latent_code):
        return super().decode(latent_code.flip(0))


@vae_bug(SHUFFLED, r"decode of a shuffled batch")
class DependsOnPosition(MLPVAE):
    """An embedding of the position over the wrong axis."""

    def decode(self, latent_code):
        position = torch.linspace(0, 1, len(latent_code)).unsqueeze(1)
        return super().decode(latent_code + position)


@vae_bug(SHUFFLED, r"encode of a sample alone")
class DependsOnBatchSize(MLPVAE):
    def encode(self, inputs):
        mu, log_sigma = super().encode(inputs)
        return mu / len(inputs), log_sigma


@model_bug(UPDATES, r"LayerNeverUsed\.extra\.weight did not change.*never had a gradient.*used")
class LayerNeverUsed(Net):
    def __init__(self):
        super().__init__()
        self.extra = nn.Linear(8, 8)


@model_bug(UPDATES, r"BranchTimesZero\.branch\.weight did not change.*multiplied by zero")
class BranchTimesZero(Net):
    def __init__(self):
        super().__init__()
        self.branch = nn.Linear(6, 6)

    def forward(self, inputs):
        return super().forward(inputs) + 0 * self.branch(inputs)


@vae_bug(UPDATES, r"encoder\.1\.weight did not change.*not detached")
class LatentCodeDetached(MLPVAE):
    def bottleneck(self, mu, log_sigma):
        return super().bottleneck(mu, log_sigma).detach()


@model_bug(UPDATES, r"FrozenByAccident\.hidden\.weight is frozen, but not declared")
class FrozenByAccident(Net):
    def __init__(self):
        super().__init__()
        self.hidden.requires_grad_(False)


@model_bug(UPDATES, r"declared as frozen, but changed", frozen_parameters=("hidden.*",))
class FrozenForgotten(Net):
    pass


@model_bug(
    UPDATES,
    r"frozen_parameters has 'hiden\.\*', but .* no such parameter",
    frozen_parameters=("hiden.*",),
)
class FrozenMisspelt(Net):
    pass


@model_bug(UPDATES, r"has no trainable parameter")
class NothingRegistered(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = [nn.Linear(6, 6)]

    def forward(self, inputs):
        return self.layers[0](inputs)


@vae_bug(UPDATES, r"is not finite after 3 optimizer steps")
class DividesByZeroSpread(MLPVAE):
    """The spread of a single value is 0, and the gradient of its root is not finite."""

    def encode(self, inputs):
        mu, log_sigma = super().encode(inputs)
        return mu + (mu[:, :1] - mu[:, :1]).square().sqrt(), log_sigma
