"""Bugs that the checks of suites/model/state.py are meant for."""

import random

import numpy as np
import torch
import torch.nn.functional as F
from mnist_vae.model import CNNVAE, MLPVAE
from torch import nn

from ...seeding import model_bug, vae_bug
from .bases import Net

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


@vae_bug(
    GENERATOR,
    r"sets the global random generator to a fixed state.*manual_seed",
    source="reported: dvgodoy/PyTorchStepByStep#33 (in __getitem__)",
)
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


@vae_bug(
    DETERMINISTIC,
    r"encode is random in eval mode.*F\.dropout without training",
    source="pytorch/pytorch#26338, #11999, rixwew/pytorch-fm#21",
)
class FunctionalDropout(MLPVAE):
    def encode(self, inputs):
        return super().encode(F.dropout(inputs, 0.2))


@vae_bug(
    MODES,
    r"encoder\.1, .* stay out of eval mode after eval\(\).*train\(\) overridden",
    source="How to Trust Your Deep Learning Code; wolny/pytorch-3dunet#53",
)
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


@vae_bug(
    BUFFERS,
    r"encoder\.1\.running_mean is updated by a forward pass in eval mode",
    source="How to Trust Your Deep Learning Code",
)
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


@vae_bug(
    STATISTICS,
    r"encoder\.1\.running_mean moves by 99%.*1 - momentum",
    source="PyTorch docs, BatchNorm momentum",
)
class MomentumOfAnotherFramework(CNNVAE):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.encoder[1].momentum = 0.99


@vae_bug(STATISTICS, r"encoder\.1\.running_mean stays as it is in training mode.*momentum zero")
class MomentumZero(CNNVAE):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.encoder[1].momentum = 0.0


@vae_bug(
    DROPOUT,
    r"encoder\.3 drops 90% of its values.*probability to keep",
    source="TensorFlow 1 docs, keep_prob of dropout",
)
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
