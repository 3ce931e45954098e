"""Bugs that the checks of suites/trainer/rates.py are meant for."""

import math

import torch
from mnist_vae.trainer import Trainer
from torch import nn
from torch.optim.lr_scheduler import ExponentialLR

from ...loops.as_frameworks import IN_PRECISIONS, CastingModel, CastsWithinForward
from ...loops.classifier import ClassifierTrainer
from ...seeding import classifier_bug, classifier_model_bug, trainer_bug
from .bases import StepTrainer

BY_HAND = "test_steps_are_those_of_the_optimizer"

SCHEDULER = "test_scheduler_sets_the_learning_rate"
CLIPPING = "test_gradients_are_clipped"


@trainer_bug("test_gradients_are_clipped", r"max_grad_norm 0\.001.*before they are unscaled")
class ClippedBeforeUnscaling(StepTrainer):
    """The norm is that of gradients scaled up for float16."""

    def take_step(self, loss):
        scaler = self.engine.scaler
        self.optimizer.zero_grad()
        scaler.scale(loss).backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), self.max_grad_norm or 1e9)
        scaler.step(self.optimizer)
        scaler.update()


@trainer_bug(
    SCHEDULER,
    r"learning rates of the steps.*after every epoch, too often",
    source="ivadomed PR#55, Auto-PyTorch PR#210, pytorch/vision#1261",
)
class SchedulerSteppedPerBatch(Trainer):
    def train_step(self, batch):
        loss = super().train_step(batch)
        self.scheduler.step()
        return loss


@trainer_bug(SCHEDULER, r"\[1\.0, 1\.0, 1\.0, 1\.0, 1\.0, 1\.0\] of the first.*on this optimizer")
class SchedulerNeverStepped(Trainer):
    def end_epoch(self):
        scheduler, self.scheduler = self.scheduler, None
        super().end_epoch()
        self.scheduler = scheduler


@trainer_bug(
    SCHEDULER,
    r"\[1\.0, 1\.0, 1\.0, 1\.0, 1\.0, 1\.0\] of the first.*on this optimizer",
    source="reported: CodefyUI PR#147 (rebuilt optimizer)",
)
class SchedulerOfAnotherOptimizer(Trainer):
    def __init__(self, *arguments, scheduler=None, **settings):
        super().__init__(*arguments, **settings)
        other = torch.optim.SGD([torch.zeros(1)], 0.1)
        self.scheduler = ExponentialLR(other, gamma=0.5)
        other.step()


@trainer_bug(CLIPPING, r"Step 0 has a gradient of norm .*max_grad_norm 0\.001.*between backward")
class ClippedAfterTheStep(StepTrainer):
    def take_step(self, loss):
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        nn.utils.clip_grad_norm_(self.model.parameters(), self.max_grad_norm)


@trainer_bug(
    CLIPPING,
    r"Step 0 has a gradient of norm 0;",
    source="Karpathy, A Recipe for Training Neural Networks",
)
class LossClipped(StepTrainer):
    """A loss above the limit has no gradient at all."""

    def take_step(self, loss):
        self.optimizer.zero_grad()
        loss.clamp(max=self.max_grad_norm or math.inf).backward()
        self.optimizer.step()


class ClippedInFullPrecision(CastsWithinForward):
    def clip(self):
        if not self.mixed:
            super().clip()


@classifier_model_bug(
    CLIPPING,
    r"Step 0 has a gradient of norm .*max_grad_norm 0\.001",
    cls=ClippedInFullPrecision,
    **IN_PRECISIONS,
)
class ClippedInFullPrecisionOnly(CastingModel):
    """In the other precision, which has a name of the trainer's own, they are not clipped."""


@classifier_bug("test_clips_gradients_that_exist", r"3 times gradients are clipped .*before back")
class ClippedBeforeThereAreGradients(ClassifierTrainer):
    """To a norm that is written in the loop."""

    def take_step(self, loss):
        self.optimizer.zero_grad()
        nn.utils.clip_grad_norm_(self.model.parameters(), 0.25)
        loss.backward()
        self.optimizer.step()
