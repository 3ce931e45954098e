# SPDX-License-Identifier: MIT
"""Properties of low precisions: applied where asked for, kept from sums, safe after an overflow."""

import itertools
import math
from contextlib import suppress
from unittest import mock

import torch

from ..instruments.seeds import seeded
from .calls import training_calls
from .observing import observed_steps
from .passes import flat
from .probing import TrainerProbe

PRECISE = (torch.float32, torch.float64)
# Of three steps: the scale may be halved in each of them before it fits.
EPOCHS_TO_GO_ON = 8
NAMES = {"bf16": torch.bfloat16, "bfloat16": torch.bfloat16, "16": torch.float16}


class PrecisionTests(TrainerProbe):
    """Tests of the precision that a trainer computes in. Part of AbstractTestTrainer."""

    def test_losses_are_in_full_precision(self):
        """Where the weights are float32, so is the loss, in whatever precision layers compute."""
        self.require_complete()
        for settings in self.precision_settings():
            with self.subTest(**settings):
                trainer = self.probe_trainer(**settings)
                weights = {p.dtype for p in self.model_of(trainer).parameters()}
                if not weights <= set(PRECISE):
                    self.skipTest("The weights are in a low precision, and the loss may be.")
                with observed_steps(self, trainer) as steps, seeded(0):
                    self.train(trainer, 1)
                low = {one.dtype for one in steps.passes} - set(PRECISE)
                if low:
                    self.fail(
                        f"The loss is computed in {str(low.pop()).removeprefix('torch.')}, beside "
                        f"weights in float32.\nA sum in it has two or three digits. Convert the "
                        f"outputs by .float() before the loss."
                    )
                self.check_digits(settings, [x for step in steps for x in step.losses])

    def check_digits(self, settings: dict, losses: list[float]):
        """Fails where losses in float32 have no more digits than the layers'.

        A number of float32 is one of float16 or bfloat16 as well once in 2^13 or 2^16 times, so
        three are it by chance once in 5e11 times.
        """
        dtype = dtype_of(settings.get("precision", ""))
        numbers = [x for x in losses if x and math.isfinite(x)]
        if dtype in PRECISE or len(numbers) < 3:
            return
        if all(torch.tensor(x, dtype=dtype).double().item() == x for x in numbers):
            name = str(dtype).removeprefix("torch.")
            self.fail(
                f"The losses, as {numbers[0]:.7g}, have the digits of {name} only, though they are "
                f"in float32.\nAre they summed up in {name}, and converted after that?"
            )

    def test_precision_is_applied(self):
        """Layers compute in the precision that was asked for."""
        for settings in self.require_precisions():
            with self.subTest(**settings):
                expected = dtype_of(settings["precision"])
                trainer = self.probe_trainer(**settings)
                with self.observed(trainer) as calls, seeded(0):
                    self.train(trainer, 1)
                found = {call.computes_in for call in training_calls(calls)}
                if expected not in found:
                    names = ", ".join(str(dtype).removeprefix("torch.") for dtype in found)
                    self.fail(
                        f"With precision {settings['precision']!r} the model computes in {names}."
                        f"\nIs torch.autocast entered around the forward pass?"
                    )

    def require_precisions(self) -> list[dict]:
        self.require_complete()
        if not self.precisions:
            self.skipTest("No precisions are declared (precisions).")
        return self.precision_settings()

    def test_overflow_skips_a_step(self):
        """In float16, gradients that overflow change no weight, and the scale falls."""
        for settings in self.require_precisions():
            if dtype_of(settings["precision"]) is not torch.float16:
                continue
            with self.subTest(**settings):
                self.check_overflow(self.probe_trainer(**settings))

    def check_overflow(self, trainer):
        weights: list[torch.Tensor] = []
        model, scaler = self.model_of(trainer), self.scaler(trainer)
        if scaler is None:
            self.fail(
                "In float16 there is no GradScaler: gradients below 6e-8 become zero.\nMake one an "
                "attribute of the trainer, or override scaler(trainer)."
            )
        self.fit_scale(trainer)
        scale, first = scaler.get_scale(), next(p for p in model.parameters() if p.requires_grad)
        overflow = first.register_hook(
            lambda gradient: gradient * math.inf if len(weights) == 1 else gradient
        )
        weights.append(flat(model.parameters()))
        with seeded(0), suppress(ArithmeticError):
            self.train_noting(trainer, model, weights)
        overflow.remove()
        weights.append(flat(model.parameters()))
        if not torch.equal(weights[0], weights[1]):
            self.fail(
                "A step was taken with gradients that overflowed.\nIs optimizer.step() called in "
                "place of scaler.step(optimizer)?"
            )
        if not scaler.get_scale() < scale:
            self.fail(
                f"After an overflow the scale is {scaler.get_scale():.0f}, as before.\nIs "
                f"scaler.update() called after every step, also one that was skipped?"
            )
        self.check_goes_on(trainer, weights[0])

    def check_goes_on(self, trainer, weights: torch.Tensor):
        """Fails where no step is taken any more after one that was left out."""
        for _ in range(EPOCHS_TO_GO_ON):
            if not torch.equal(flat(self.model_of(trainer).parameters()), weights):
                return
            with seeded(0), suppress(ArithmeticError):
                self.train(trainer, 1)
        self.fail(
            f"After an overflow no step was taken in {EPOCHS_TO_GO_ON} epochs.\nAre gradients "
            f"cleared also after a step that was left out?"
        )

    def train_noting(self, trainer, model, weights: list):
        """Trains for an epoch; notes the weights before the second step."""
        backward, passes = torch.autograd.backward, itertools.count()

        def noted(*arguments, **named):
            backward(*arguments, **named)
            if next(passes):
                weights.append(flat(model.parameters()))

        with mock.patch.object(torch.autograd, "backward", noted):
            self.train(trainer, 1)


def dtype_of(precision) -> torch.dtype:
    name = str(precision)
    return next((dtype for key, dtype in NAMES.items() if key in name), torch.float32)
