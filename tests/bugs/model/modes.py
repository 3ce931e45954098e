"""Bugs that the checks of suites/model/modes.py are meant for."""

import torch
from mnist_vae.model import CNNVAE, MLPVAE
from torch import nn

from ...seeding import model_bug, vae_bug
from .bases import Net

MODES = "test_eval_mode_reaches_every_module"
BUFFERS = "test_eval_mode_updates_no_buffer"
MODES_AGREE = "test_modes_differ_in_dropout_and_statistics_only"
STATISTICS = "test_running_statistics_average_over_batches"
DROPOUT = "test_dropout_is_moderate"


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
