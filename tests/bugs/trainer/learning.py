"""Bugs that the checks of suites/trainer/learning.py are meant for."""

import copy

import torch
from mnist_vae.model import MLPVAE
from mnist_vae.trainer import Trainer
from torch import nn

from ...seeding import trainer_bug
from .bases import passed, per_image, terms

OVERFITTING = "test_overfits_one_batch"
HELD = "test_optimizer_holds_every_trainable_parameter"
FROZEN = "test_frozen_parameters_do_not_change"


@trainer_bug(OVERFITTING, r"nothing was learned.*optimizer's steps")
class NeverSteps(Trainer):
    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        self.optimizer.step = lambda: None


@trainer_bug(OVERFITTING, r"breaks off on one batch: not finite in epoch.*maximised")
class GradientAscent(Trainer):
    def losses(self, batch):
        recon_loss, kl_div_loss = super().losses(batch).values()
        return terms(-recon_loss, -kl_div_loss)


@trainer_bug(
    OVERFITTING,
    r"outputs do not follow the inputs.*KL term far too strong",
    source="MMVAE PR#19, wiseodd/generative-models#40, WorldModels#12",
)
class ReconstructionAveraged(Trainer):
    """The mean over pixels beside a sum over latent dimensions: posterior collapse."""

    def losses(self, batch):
        recon_loss, kl_div_loss = super().losses(batch).values()
        return terms(recon_loss / batch[0][0].numel(), kl_div_loss)


@trainer_bug(OVERFITTING, r"outputs do not follow the inputs.*their own targets|learning is")
class TargetsShuffled(Trainer):
    def losses(self, batch):
        images = batch[0]
        outputs, mu, log_sigma = passed(self, images)
        return per_image(outputs, images[torch.randperm(len(images))], mu, log_sigma)


class OptimizerWith(Trainer):
    """Correct. Its optimizer has these options, of which a bug has a wrong one."""

    options: dict[str, float] = {}

    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        self.optimizer.param_groups[0].update(self.options)


@trainer_bug(
    OVERFITTING,
    r"learning is far too slow.*learning rate",
    source="Humbatova et al. 2021, DeepCrime (change learning rate)",
)
class LearningRateFarTooLow(OptimizerWith):
    options = {"lr": 1e-6}


@trainer_bug(
    OVERFITTING,
    r"breaks off on one batch.*learning rate far too high",
    source="Humbatova et al. 2021, DeepCrime (change learning rate)",
)
class LearningRateFarTooHigh(OptimizerWith):
    options = {"lr": 1.0}


@trainer_bug(OVERFITTING, r"nothing was learned", source="reported: libreyolo PR#277")
class WarmUpBeginsAndEndsAtZero(Trainer):
    """An integer division."""

    def train(self, epochs):
        for group in self.optimizer.param_groups:
            group["lr"] *= (self.step + 1) // 100
        super().train(epochs)


@trainer_bug(
    OVERFITTING,
    r"the outputs do not follow the inputs",
    source="Karpathy, A Recipe for Training Neural Networks",
)
class WeightDecayFarTooStrong(OptimizerWith):
    options = {"weight_decay": 50.0}


@trainer_bug(
    HELD,
    r"holds none of the 12 parameters.*another model",
    source="pytorch/pytorch#14467, CodefyUI PR#147 (stale binding)",
)
class OptimizerOfAnotherModel(Trainer):
    def __init__(self, model, *arguments, **settings):
        super().__init__(copy.deepcopy(model), *arguments, **settings)


@trainer_bug(
    HELD,
    r"does not hold encoder\.1\.weight.*\(6 of 12 parameters\).*a part of the model",
    source="HVPNeT#5, facebookresearch/mmf PR#580, Srameo/LED#23",
)
class OptimizerOfTheDecoder(Trainer):
    def __init__(self, model, data, optimizer, *arguments, **settings):
        del optimizer
        optimizer = torch.optim.Adam(model.decoder.parameters(), lr=1e-3)
        super().__init__(model, data, optimizer, *arguments, **settings)


@trainer_bug(HELD, r"does not hold encoder\.5\.weight.*\(2 of 12 parameters\)")
class LayerReplacedTooLate(Trainer):
    """The optimizer was built before, and trains the layer that is no longer there."""

    def __init__(self, model, *arguments, **settings):
        if isinstance(model, MLPVAE):
            model.encoder[-1] = nn.Linear(256, 32)
        super().__init__(model, *arguments, **settings)


@trainer_bug(HELD, r"does not hold encoder\.1\.bias.*\(6 of 12 parameters\)")
class BiasesForgotten(Trainer):
    """Weights got a group of their own, for weight decay; the group of the rest was left out."""

    def __init__(self, model, data, optimizer, *arguments, **settings):
        del optimizer
        matrices = [parameter for parameter in model.parameters() if parameter.dim() > 1]
        optimizer = torch.optim.AdamW(matrices, lr=2e-3)
        super().__init__(model, data, optimizer, *arguments, **settings)


@trainer_bug(
    FROZEN, r"decoder\.0\.weight is frozen, but training changed it", frozen_parameters=("dec",)
)
class FrozenDecoderIsTrained(Trainer):
    """Right for a trainer of the whole model, wrong for one that is to train the encoder."""


@trainer_bug(
    FROZEN,
    r"No parameter .* changed.*a step at all",
    source="pytorch/pytorch#14467, CodefyUI PR#147 (stale binding)",
)
class StepsOnACopy(Trainer):
    def train(self, epochs):
        self.model, model = copy.deepcopy(self.model), self.model
        super().train(epochs)
        self.model = model
