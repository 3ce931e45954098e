"""Bugs in models."""

import random

import numpy as np
import torch
import torch.nn.functional as F
from mnist_vae.model import CNNVAE, MLPVAE
from torch import nn

from . import model_bug, vae_bug

SHAPE = "test_output_shape"
RANGE = "test_output_range"
BATCH_SIZE = "test_any_batch_size"
BLANK = "test_blank_and_constant_inputs"
UNMODIFIED = "test_inputs_are_not_modified"
DOUBLE = "test_computes_in_double_precision"
INPUT_ELEMENTS = "test_every_input_element_matters"
SAME_SEED = "test_same_seed_gives_same_outputs"
GENERATOR = "test_leaves_the_random_generator_alone"
GRAPHS = "test_keeps_no_graph_of_earlier_calls"
STATELESS = "test_keeps_no_state_between_calls"
DETERMINISTIC = "test_eval_mode_is_deterministic"
MODES = "test_eval_mode_reaches_every_module"
BUFFERS = "test_eval_mode_updates_no_buffer"
MODES_AGREE = "test_modes_differ_in_dropout_and_statistics_only"
STATISTICS = "test_running_statistics_average_over_batches"
DROPOUT = "test_dropout_is_moderate"
SAVING = "test_state_is_saved_and_restored"
FROZEN_BUFFERS = "test_frozen_modules_keep_their_buffers"
GRADIENT_SIZE = "test_gradients_reach_the_first_layer"
ACTIVATIONS = "test_initial_activations_are_alive"
USED = "test_every_module_is_used"
SHARED = "test_no_module_is_shared_by_accident"
MERGED = "test_no_linear_layer_makes_up_for_another"
NUMERICAL = "test_gradients_equal_numerical_ones"
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


# Outputs


@vae_bug(RANGE, r"returns values from 0.* even with enlarged weights", output_range=(-1, 1))
class SigmoidForTanh(MLPVAE):
    def decode(self, latent_code):
        return super().decode(latent_code).atanh().sigmoid()


@vae_bug(RANGE, r"but output_range is \[-1, 1\].*last activation missing", output_range=(-1, 1))
class OutputActivationMissing(MLPVAE):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.decoder = self.decoder[:-1]


@vae_bug(RANGE, r"from 0 to 1, even.*behind another one", output_range=(-1, 1))
class ReLUBeforeTanh(MLPVAE):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.decoder.insert(6, nn.ReLU())


@vae_bug(RANGE, r"from -0\.76.* to 0\.76.*applied twice", output_range=(-1, 1))
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


@vae_bug(DOUBLE, r"does not run in float64.*fixed dtype")
class NoiseInSinglePrecision(MLPVAE):
    def bottleneck(self, mu, log_sigma):
        return (mu + log_sigma.exp() * torch.randn_like(mu)).float()


@model_bug(DOUBLE, r"returns \['torch\.float32'\] after \.double\(\)")
class OutputInSinglePrecision(Net):
    def forward(self, inputs):
        return super().forward(inputs).float()


@vae_bug(
    INPUT_ELEMENTS, r"ignores 32 of 64 elements of its input, the first at \(0, 4, 0\).*cropped"
)
class LowerHalfIgnored(MLPVAE):
    def encode(self, inputs):
        return super().encode(inputs * (torch.arange(8, device=inputs.device) < 4).view(8, 1))


# State and modes


@vae_bug(SAME_SEED, r"different outputs under the same seed.*another source")
class DrawsFromNumPy(MLPVAE):
    def bottleneck(self, mu, log_sigma):
        noise = np.random.default_rng().standard_normal(mu.shape)
        return mu + log_sigma.exp() * torch.as_tensor(noise, dtype=mu.dtype)


@model_bug(SAME_SEED, r"different outputs under the same seed.*another source")
class ScaledByPythonsGenerator(Net):
    """An augmentation in the model that no seed of torch reaches."""

    def forward(self, inputs):
        factor = random.uniform(0.9, 1.1) if self.training else 1.0
        return super().forward(inputs * factor)


@model_bug(GENERATOR, r"sets the global random generator to a fixed state.*manual_seed")
class SeedsItsProjection(Net):
    """A random projection that is the same in every call, for a price."""

    def forward(self, inputs):
        torch.manual_seed(0)
        projection = torch.randn(6, 6, device=inputs.device, dtype=inputs.dtype)
        return super().forward(inputs @ projection)


@vae_bug(GENERATOR, r"sets the global random generator to a fixed state.*manual_seed")
class SeedsInForward(MLPVAE):
    def bottleneck(self, mu, log_sigma):
        torch.manual_seed(0)
        return super().bottleneck(mu, log_sigma)


@vae_bug(GRAPHS, r"KeepsItsCodes keeps the graphs of 3 calls.*to a list")
class KeepsItsCodes(MLPVAE):
    """For a picture at the end of training, which the memory may not reach."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.codes = []

    def bottleneck(self, mu, log_sigma):
        self.codes.append(super().bottleneck(mu, log_sigma))
        return self.codes[-1]


@vae_bug(
    STATELESS, r"something else for the same inputs and seed after another batch.*running average"
)
class AveragesOverCalls(MLPVAE):
    last = 0.0

    def encode(self, inputs):
        mu, log_sigma = super().encode(inputs)
        mu = 0.9 * mu + 0.1 * self.last
        self.last = mu.detach().mean()
        return mu, log_sigma


@vae_bug(STATELESS, r"something else for the same inputs.*a cache on self")
class CachesTheFirstMean(MLPVAE):
    mean = None

    def encode(self, inputs):
        if self.mean is None:
            self.mean = inputs.mean().item()
        return super().encode(inputs - self.mean)


@vae_bug(DETERMINISTIC, r"encode is random in eval mode.*F\.dropout without training")
class FunctionalDropout(MLPVAE):
    def encode(self, inputs):
        return super().encode(F.dropout(inputs, 0.2))


@vae_bug(MODES, r"encoder\.1, .* stay out of eval mode after eval\(\).*train\(\) overridden")
class NormalisationStuckInTraining(CNNVAE):
    def train(self, mode=True):
        super().train(mode)
        for module in self.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.training = True
        return self


@model_bug(
    MODES, r"hidden, out stay out of training mode after train\(\) and a forward pass.*forward\(\)"
)
class EvalInForward(Net):
    def forward(self, inputs):
        self.eval()
        return super().forward(inputs)


@model_bug(BUFFERS, r"\.calls is updated by a forward pass in eval mode")
class CountsCallsInEvalMode(Net):
    """A count of training steps that evaluation moves as well: a schedule by it runs ahead."""

    def __init__(self):
        super().__init__()
        self.register_buffer("calls", torch.tensor(0))

    def forward(self, inputs):
        self.calls += 1
        return super().forward(inputs)


@vae_bug(BUFFERS, r"encoder\.1\.running_mean is updated by a forward pass in eval mode")
class NormalisationForcedIntoTraining(CNNVAE):
    def encode(self, inputs):
        self.encoder[1].train()
        mu, log_sigma = super().encode(inputs)
        self.encoder[1].train(self.training)
        return mu, log_sigma


@vae_bug(MODES_AGREE, r"decode computes something else in training mode.*if self\.training")
class ActivationInTrainingOnly(MLPVAE):
    def decode(self, latent_code):
        outputs = super().decode(latent_code)
        return outputs if self.training else outputs.atanh()


@vae_bug(STATISTICS, r"encoder\.1\.running_mean moves by 99%.*1 - momentum")
class MomentumOfAnotherFramework(CNNVAE):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.encoder[1].momentum = 0.99


@vae_bug(STATISTICS, r"encoder\.1\.running_mean stays as it is in training mode.*momentum zero")
class MomentumZero(CNNVAE):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.encoder[1].momentum = 0.0


@vae_bug(DROPOUT, r"encoder\.3 drops 90% of its values.*probability to keep")
class KeepProbability(MLPVAE):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.encoder.insert(3, nn.Dropout(0.9))


@model_bug(SAVING, r"returns something else once.*neither parameter nor buffer.*: projection\.")
class ProjectionNotSaved(Net):
    def __init__(self):
        super().__init__()
        self.projection = torch.randn(6, 6)

    def forward(self, inputs):
        return super().forward(inputs @ self.projection)


@model_bug(SAVING, r"does not load into a newly built net: .*size mismatch.*depend on chance")
class RandomWidth(Net):
    def __init__(self):
        super().__init__()
        width = int(torch.randint(8, 10**6, ()))
        self.hidden, self.out = nn.Linear(6, width), nn.Linear(width, 6)


@model_bug(SAVING, r"has an empty state_dict.*registered")
class NothingToSave(nn.Module):
    def forward(self, inputs):
        return inputs


# Training


@vae_bug(
    FROZEN_BUFFERS,
    r"encoder\.1\.running_mean changes in training.*frozen.*Override train\(\)",
    frozen_parameters=("encoder.*",),
)
class FrozenButForTheStatistics(CNNVAE):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.encoder.requires_grad_(False)


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


@vae_bug(ACTIVATIONS, r"encoder\.2 \(ReLU\): 100% of its units return the same.*dead")
class DeadUnits(MLPVAE):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        nn.init.constant_(self.encoder[1].bias, -20.0)


@vae_bug(ACTIVATIONS, r"encoder\.3 \(Linear\) returns values around .*far too large")
class HugeInitialWeights(MLPVAE):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        for layer in (self.encoder[1], self.encoder[3]):
            nn.init.normal_(layer.weight)


@vae_bug(ACTIVATIONS, r"encoder\.1 \(Linear\) returns values around .*far too small")
class TinyInitialWeights(MLPVAE):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        with torch.no_grad():
            for parameter in self.parameters():
                parameter *= 1e-4


@vae_bug(
    ACTIVATIONS,
    r"decoder\.9 \(ConvTranspose2d\).* (all units|the same)|ConvTranspose2d\): all units",
)
class ConstantTransposedConvolutions(CNNVAE):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        for module in self.modules():
            if isinstance(module, nn.ConvTranspose2d):
                nn.init.constant_(module.weight, 0.01)


@vae_bug(ACTIVATIONS, r"encoder\.1 \(Linear\): all units return the same.*stay equal for ever")
class ConstantInitialWeights(MLPVAE):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        nn.init.constant_(self.encoder[1].weight, 0.01)
        nn.init.zeros_(self.encoder[1].bias)


@model_bug(USED, r"activation \(ReLU\) is never called.*forgotten in forward")
class ActivationForgotten(Net):
    def __init__(self):
        super().__init__()
        self.activation = nn.ReLU()


@model_bug(SHARED, r"layers\.0 and layers\.1 are the same layer.*\[layer\] \* 2.*'layers\.1'")
class LayersByMultiplication(Net):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(*[nn.Linear(6, 6)] * 3)

    def forward(self, inputs):
        return super().forward(self.layers(inputs))


@vae_bug(
    SHARED,
    r"encoder\.5 and decoder\.0 are the same layer",
    inputs=lambda: torch.randn(4, 1, 16, 16),
)
class DecoderBorrowsFromEncoder(MLPVAE):
    def __init__(self, *_):
        super().__init__((1, 16, 16), 128)
        self.encoder[5] = self.decoder[0] = nn.Linear(256, 256)
        self.bottleneck_dim = 256

    def decode(self, latent_code):
        return super().decode(latent_code.repeat(1, 2))


@vae_bug(MERGED, r"encoder\.2 follows on encoder\.1 directly.*activation between them missing")
class OneActivationMissing(MLPVAE):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        del self.encoder[2]


@model_bug(MERGED, r"out follows on hidden directly.*activation between them missing")
class ActivationMissingBeforeTheLastLayer(Net):
    def forward(self, inputs):
        return self.out(self.hidden(inputs)).relu()


@vae_bug(NUMERICAL, r"backward through decode gives a derivative of .*\.data")
class HiddenClampedThroughData(MLPVAE):
    def decode(self, latent_code):
        hidden = self.decoder[:2](latent_code)
        hidden.data.clamp_(max=1.0)
        return self.decoder[2:](hidden)


@vae_bug(NUMERICAL, r"backward through encode gives a derivative of .*\.data")
class ClampedThroughData(MLPVAE):
    def encode(self, inputs):
        mu, log_sigma = super().encode(inputs)
        mu.data.clamp_(-0.3, 0.3)
        return mu, log_sigma


class WrongBackward(torch.autograd.Function):
    """A softplus whose derivative is forgotten."""

    @staticmethod
    def forward(ctx, inputs):
        return F.softplus(inputs)

    @staticmethod
    def backward(ctx, gradient):
        return gradient


@vae_bug(NUMERICAL, r"backward through decode gives .*written by hand")
class HandWrittenBackward(MLPVAE):
    def decode(self, latent_code):
        return super().decode(WrongBackward.apply(latent_code))


@vae_bug(NUMERICAL, r"backward through encode .*reversed")
class GradientReversed(MLPVAE):
    def encode(self, inputs):
        mu, log_sigma = super().encode(inputs)
        if mu.requires_grad:
            mu.register_hook(torch.neg)
        return mu, log_sigma
