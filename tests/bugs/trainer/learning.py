"""Bugs that the checks of suites/trainer/learning.py are meant for."""

import copy

import torch
from mnist_vae.trainer import Trainer

from ...seeding import trainer_bug
from .bases import passed, per_image, terms

OVERFITTING = "test_overfits_one_batch"
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
