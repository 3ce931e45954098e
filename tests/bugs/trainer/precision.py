"""Bugs that the checks of suites/trainer/precision.py are meant for."""

import contextlib

import torch
from torch import nn

from ...loops.mixed_precision import DECLARED, MixedPrecision
from ...seeding import classifier_bug

FULL = "test_losses_are_in_full_precision"
APPLIED = "test_precision_is_applied"
OVERFLOW = "test_overflow_skips_a_step"


@classifier_bug(FULL, r"The loss is computed in bfloat16, beside weights in float32", **DECLARED)
class LossInBFloat16(MixedPrecision):
    def full(self, logits):
        return logits


@classifier_bug(FULL, r"The loss is computed in float16.*Convert the outputs", **DECLARED)
class LossInFloat16Only(MixedPrecision):
    def full(self, logits):
        return logits.float() if self.dtype is torch.bfloat16 else logits


@classifier_bug(APPLIED, r"With precision 'bfloat16' the model computes in float32", **DECLARED)
class PrecisionNotApplied(MixedPrecision):
    def autocast(self):
        return contextlib.nullcontext()


@classifier_bug(APPLIED, r"With precision 'bfloat16' the model computes in float16", **DECLARED)
class TheOtherHalfPrecision(MixedPrecision):
    def autocast(self):
        return torch.autocast("cpu", torch.float16, enabled=self.dtype is not None)


@classifier_bug(OVERFLOW, r"A step was taken with gradients that overflowed", **DECLARED)
class StepsPastTheScaler(MixedPrecision):
    """Unscales, clips, and then takes the step itself."""

    def take_step(self, loss):
        self.optimizer.zero_grad()
        self.scaler.scale(loss).backward()
        self.scaler.unscale_(self.optimizer)
        self.clip()
        self.optimizer.step()
        self.scaler.update()


@classifier_bug(OVERFLOW, r"After an overflow the scale is 65536, as before", **DECLARED)
class ScaleFixed(MixedPrecision):
    """Set anew before each step, so that it never adapts."""

    def take_step(self, loss):
        super().take_step(loss)
        if self.scaler.is_enabled():
            self.scaler.update(65536.0)


@classifier_bug(OVERFLOW, r"In float16 there is no GradScaler", **DECLARED)
class NoScaler(MixedPrecision):
    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        self.scaler = torch.amp.GradScaler("cpu", enabled=False)


@classifier_bug(FULL, r"have the digits of bfloat16 only, .*\nAre they summed up in", **DECLARED)
class ConvertedAfterTheSum(MixedPrecision):
    """Float32 in name only."""

    def loss(self, logits, labels):
        low = logits.log_softmax(dim=1).to(self.dtype or logits.dtype)
        return -low[torch.arange(len(labels)), labels].sum().div(4).float()


@classifier_bug(OVERFLOW, r"After an overflow no step was taken in 8 epochs.*cleared", **DECLARED)
class ClearedAfterGoodStepsOnly(MixedPrecision):
    """What has overflowed stays, and all that is added to it overflows."""

    def take_step(self, loss):
        self.scaler.scale(loss).backward()
        self.scaler.unscale_(self.optimizer)
        self.clip()
        self.scaler.step(self.optimizer)
        before = self.scaler.get_scale()
        self.scaler.update()
        if self.scaler.get_scale() >= before:
            self.optimizer.zero_grad()


@classifier_bug(OVERFLOW, r"After an overflow the scale is 128, as before", **DECLARED)
class OverflowIsAnError(MixedPrecision):
    """It is what a scaler is for."""

    def clip(self):
        norm = nn.utils.get_total_norm([p.grad for p in self.model.parameters()])
        if not norm.isfinite():
            raise FloatingPointError("The gradient is not finite.")
