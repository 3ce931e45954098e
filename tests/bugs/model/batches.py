"""Bugs that the checks of suites/model/batches.py are meant for."""

import torch
import torch.nn.functional as F
from mnist_vae.model import CNNVAE, MLPVAE
from torch import nn

from ...seeding import model_bug, vae_bug
from .bases import Net

BY_GRADIENT = "test_batch_independence_by_gradient"
BY_VALUE = "test_batch_independence_by_value"
SHUFFLED = "test_batch_independence_alone_and_shuffled"
BATCH_SIZE = "test_any_batch_size"


@vae_bug(
    BY_GRADIENT,
    r"sample \d influences the outputs of the other.*softmax",
    source="euclidesdb#2, world-models#10, DPN#1, visdial-challenge#1",
)
class SoftmaxOverBatch(MLPVAE):
    def encode(self, inputs):
        mu, log_sigma = super().encode(inputs)
        return mu.softmax(dim=0), log_sigma


@vae_bug(
    BY_GRADIENT,
    r"sample \d influences.*eval mode",
    source="Karpathy, A Recipe for Training Neural Networks",
)
class BatchMeanSubtracted(MLPVAE):
    def encode(self, inputs):
        mu, log_sigma = super().encode(inputs)
        return mu - mu.mean(dim=0), log_sigma


@vae_bug(
    BY_GRADIENT,
    r"sample \d influences.*reshape",
    source="How to Trust Your Deep Learning Code; Karpathy tweet item 6",
)
class SamplesMixedByReshape(MLPVAE):
    def encode(self, inputs):
        mixed = inputs.flatten(1).t().reshape(len(inputs), -1)
        return super().encode(mixed)


@vae_bug(BY_GRADIENT, r"sample 0 influences")
class FirstSampleAsReference(MLPVAE):
    def encode(self, inputs):
        return super().encode(inputs - inputs[:1])


@vae_bug(
    BY_GRADIENT,
    r"sample \d influences.*normalisation",
    source="PyTorch docs, BatchNorm track_running_stats",
)
class BatchNormWithoutStatistics(CNNVAE):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.encoder[1] = nn.BatchNorm2d(16, track_running_stats=False)


@vae_bug(
    BY_GRADIENT,
    r"sample \d influences",
    source="reported: Humbatova et al. 2020, taxonomy (normalisation)",
)
class NormalisedOverEverything(MLPVAE):
    def encode(self, inputs):
        return super().encode((inputs - inputs.mean()) / inputs.std())


@vae_bug(BY_GRADIENT, r"no sample has a gradient from its own outputs.*detached")
class InputDetached(MLPVAE):
    def encode(self, inputs):
        return super().encode(inputs.detach())


@model_bug(BY_GRADIENT, r"No output of OutputDetached has a gradient.*detach")
class OutputDetached(Net):
    def forward(self, inputs):
        return super().forward(inputs).detach()


@model_bug(BY_GRADIENT, r"sample \d influences the outputs of the other.*attention")
class AttendsToTheBatch(Net):
    """Attention that takes the batch for the sequence.

    So sharp that a new model shows it in its gradients only; once trained, samples mix.
    """

    def forward(self, inputs):
        direction = F.normalize(inputs, dim=1)
        weights = (100 * direction @ direction.T).softmax(dim=1)
        return super().forward(weights @ inputs)


@vae_bug(BY_VALUE, r"changes for sample \d when the others are exchanged")
class ScoresRelativeToTheBatch(MLPVAE):
    """A second output: how unusual a sample is, from 0 to 1 for the worst one of its batch."""

    def forward(self, inputs):
        outputs = super().forward(inputs)
        with torch.no_grad():
            errors = (outputs - inputs).square().flatten(1).mean(dim=1)
        return outputs, errors / errors.max()


@vae_bug(
    BY_VALUE,
    r"changes for sample \d when the others are exchanged.*over the batch axis",
    source="Karpathy, A Recipe for Training Neural Networks",
)
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


@model_bug(BATCH_SIZE, r"returns shapes \[\(6,\)\] for a batch of 1.*squeeze")
class SqueezesTheBatch(Net):
    def forward(self, inputs):
        return super().forward(inputs).squeeze()


@model_bug(BATCH_SIZE, r"does not take a batch of 1: shape.*fixed in a reshape")
class BatchSizeFixed(Net):
    def forward(self, inputs):
        return super().forward(inputs.view(4, 6))
