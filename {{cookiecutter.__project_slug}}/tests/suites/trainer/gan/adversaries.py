# SPDX-License-Identifier: MIT
"""Properties of two networks against each other: who is shown what, and who pulls where."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.optim.optimizer import register_optimizer_step_pre_hook

from ...instruments.quiet import WithoutNoise
from ...instruments.seeds import seeded
from ..calls import Call, observed_calls, training_calls
from ..marks import samples_in
from ..networks import NetworkTests
from ..processes import ProcessTests
from .contract import GANTrainerContract

EPOCHS = 2
# The share of the larger one by which two gradients differ at least that pull in different ways:
# it is 1 or more where their signs differ, and almost 0 where both are of the same label.
APART = 0.5


@dataclass
class Pull:
    """The gradient of what the discriminator says of a batch, before the step of an optimizer."""

    real: bool
    gradient: float
    optimizer: int = 0  # whose step comes next


class AdversaryTests(GANTrainerContract, NetworkTests, ProcessTests):
    """Tests of a generator and a discriminator. Part of AbstractTestGANTrainer."""

    def test_discriminator_is_pulled_apart(self):
        """In its steps, the discriminator is pulled one way on real samples, another on fakes."""
        real, fake, _ = self.pulls()
        if not apart(real, fake):
            self.fail(
                f"The discriminator's output has the gradient {real:.3g} on real samples and "
                f"{fake:.3g} on generated ones; expected different ones.\nAre both given the same "
                f"label?"
            )

    def test_generator_pulls_against_the_discriminator(self):
        """The generator's steps pull the output on fakes the way that it is pulled on real ones."""
        real, fake, fooling = self.pulls()
        if not apart(fooling, fake) or not (fooling - fake) * (real - fake) > 0:
            self.fail(
                f"In the generator's steps, the output on generated samples has the gradient "
                f"{fooling:.3g}; in the discriminator's it has {fake:.3g}, and {real:.3g} on real "
                f"ones.\nIs the generator trained with the label of fakes, or is a sign wrong?"
            )

    def without_noise(self) -> WithoutNoise:
        return WithoutNoise()  # all latent codes are 0: whichever process draws them, the same

    def pulls(self) -> tuple[float, float, float]:
        """Mean gradients of the output: on real samples and fakes in D's steps, on fakes in G's."""
        trainer = self.require_adversaries()
        own = self.optimizers(trainer)
        found = self.observed_pulls(trainer)
        d, g = (id(own.get(self.optimizer_of(n))) for n in (self.discriminator, self.generator))
        groups = (
            [p for p in found if p.optimizer == d and p.real],
            [p for p in found if p.optimizer == d and not p.real],
            [p for p in found if p.optimizer == g and not p.real],
        )
        if not groups[0] and any(not pull.real for pull in found):
            self.fail(
                "Before its steps, the discriminator is never called with training samples.\nIs "
                "it shown anything but fakes?"
            )
        if groups[0] and groups[2] and not groups[1]:
            self.fail(
                "Before its steps, the discriminator is never called with generated samples.\nIs "
                "it shown anything but real ones?"
            )
        if not all(groups):
            self.skipTest("Backward passes of the discriminator do not come before its own steps.")
        real, fake, fooling = (sum(p.gradient for p in group) / len(group) for group in groups)
        return real, fake, fooling

    def require_adversaries(self):
        self.require_updates()
        trainer = self.probe_trainer()
        self.require_marked(trainer)
        return trainer

    def observed_pulls(self, trainer) -> list[Pull]:
        network = self.networks(trainer)[self.discriminator]
        marks = self.data_of(trainer).train_data.marks
        waiting: list[Pull] = []
        found: list[Pull] = []

        def after(call: Call):
            output = call.outputs[0]
            if output.requires_grad:
                is_real = samples_in(call.inputs, marks, "train_data")
                rows = real_rows(call, marks, len(output)) if is_real else None
                output.register_hook(lambda g: waiting.extend(pulls_of(g.detach(), rows)))

        def before_step(optimizer, *_):
            for pull in waiting:
                pull.optimizer = id(optimizer)
            found.extend(waiting)
            waiting.clear()

        hook = register_optimizer_step_pre_hook(before_step)
        try:
            with observed_calls(network, after=after), seeded(0):
                self.train(trainer, EPOCHS)
        finally:
            hook.remove()
        return found

    def test_noise_is_drawn_anew(self):
        """No two steps generate from the same noise, and no two samples of a batch."""
        trainer = self.require_adversaries()
        with observed_calls(self.networks(trainer)[self.generator]) as calls, seeded(0):
            self.train(trainer, EPOCHS)
        noise = [tensor for call in training_calls(calls) for tensor in call.inputs[:1]]
        # A batch may go through twice in one step: for the discriminator and for the generator.
        rows = torch.cat([batch.flatten(1) for batch in noise]) if noise else torch.empty(0, 1)
        if not len(rows):
            self.skipTest("train() does not call the generator with noise.")
        different = len(rows.unique(dim=0))
        if different < len(rows) / 3:
            self.fail(
                f"In {EPOCHS} epochs the generator is called with {len(rows)} rows of noise, of "
                f"which {different} are different.\nIs the fixed noise for pictures used in "
                f"training, or one row expanded to a batch?"
            )

    def test_generates_samples(self):
        """generate(n) gives n different finite samples, without a graph."""
        self.require_complete()
        self.require("generate")
        with seeded(0):
            samples = self.generate(self.trainer, 3)
        if len(samples) != 3 or not torch.as_tensor(samples[0]).isfinite().all():
            self.fail(f"generate(3) gives {len(samples)} samples, or values that are not finite.")
        if samples[0].requires_grad:
            self.fail("generate(n) returns a tensor with a graph. Use torch.no_grad().")
        if torch.equal(samples[0], samples[1]):
            self.fail("generate(3) gives the same sample twice. Is one row of noise expanded?")


def apart(first: float, second: float) -> bool:
    return abs(first - second) > APART * max(abs(first), abs(second))


def real_rows(call: Call, marks, size: int) -> Tensor | None:
    """Which rows of a batch are marked samples; None where all are, or they cannot be told."""
    batch = next((t for t in call.inputs if len(t) == size), None)
    if batch is None:
        return None
    return torch.tensor([bool(marks.samples(row.unsqueeze(0), "train_data")) for row in batch])


def pulls_of(gradient: Tensor, rows: Tensor | None) -> list[Pull]:
    """The sums over the real and the generated samples of a batch; without rows, all are fakes."""
    if rows is None:
        return [Pull(False, gradient.sum().item())]
    parts = [Pull(real, gradient[rows == real].sum().item()) for real in (True, False)]
    return [part for part in parts if bool((rows == part.real).any())]
