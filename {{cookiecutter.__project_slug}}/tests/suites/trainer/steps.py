# SPDX-License-Identifier: MIT
"""Properties of single optimizer steps: the right gradient, once, and nothing but the optimizer."""

import gc
import math

import torch
from torch import Tensor

from ..instruments.comparing import count_alive, explained
from ..instruments.seeds import seeded
from .graphs import watched_graphs
from .observing import by_hand, observed_steps
from .passes import Step, flat, near
from .probing import EPOCHS, TrainerProbe


class StepTests(TrainerProbe):
    """Tests of single optimizer steps. Part of AbstractTestTrainer."""

    def test_steps_follow_the_gradient_of_the_loss(self):
        """Each step has the gradient of the losses since the last one, perhaps scaled down."""
        for settings in self.precision_settings():
            with self.subTest(**settings):
                previous: dict[int, Tensor] = {}
                steps = self.observe(self.probe_trainer(**settings))
                self.require_passes(steps)
                for number, step in enumerate(steps):
                    self.check_gradient(number, step, previous.get(id(step.optimizer)))
                    previous[id(step.optimizer)] = step.found

    def require_passes(self, steps: list[Step]):
        if not any(step.passes for step in steps) and any(step.found.any() for step in steps):
            self.skipTest(
                "Gradients come from something else than backward() or torch.autograd.grad."
            )

    def check_gradient(self, number: int, step: Step, previous: Tensor | None):
        if not step.passes:
            self.fail(
                f"optimizer.step() number {number} came without a backward pass before it.\nIs it "
                f"called before loss.backward(), or twice?"
            )
        if step.skipped or not step.found.isfinite().all():
            return  # in float16: a GradScaler leaves this step out
        expected = self.expected_gradient(step)
        if not step.found.any() and not expected.any():
            return
        if not step.found.any():
            self.fail(
                f"In step {number}, the gradients are zero.\nAre they cleared between backward() "
                f"and step()?"
            )
        scale, difference = likeness(step.found, expected)
        if difference < 1e-3 and 0 < scale < 1.001:
            return
        stale = previous is not None and near(step.found, expected + previous)
        scaled = {one.scale for one in step.passes} - {1.0}
        which = f" of {step.name}" if self.updates else ""
        self.fail(
            f"In step {number}{which}, the gradients are not those of the loss: {difference:.0%} "
            f"of them is something else, the rest has a factor of {scale:.3g}.\n"
            + (
                "Are they still scaled? Take the step by scaler.step(optimizer)."
                if any(math.isclose(scale, factor, rel_tol=1e-2) for factor in scaled)
                else "They are the sum with those of the step before. Is zero_grad() missing?"
                if stale
                else "Is zero_grad() missing or misplaced, or are gradients changed by hand?"
            )
        )

    def expected_gradient(self, step: Step) -> Tensor:
        """That of the passes that make up a step.

        Of several optimizers, each may clear its gradients anywhere between its steps, unless the
        number of passes is declared.
        """
        if number := self.passes.get(step.name):
            if 0 < step.latest < number:  # the losses of a step may be added up before
                number = step.latest
            return step.expected(first=max(0, len(step.passes) - number))
        if self.updates is None:
            return step.expected()
        possible = [step.expected(first) for first in range(len(step.passes))]
        return min(possible, key=lambda gradient: likeness(step.found, gradient)[1])

    def test_steps_are_those_of_the_optimizer(self):
        """Written out by hand from the same state, the steps give the same weights."""
        for settings in self.precision_settings():
            with self.subTest(**settings):
                self.check_by_hand(self.probe_trainer(**settings))

    def check_by_hand(self, trainer):
        steps, own = self.observe(trainer), self.optimizers(trainer)
        names = {id(p): name for name, p in self.model_of(trainer).named_parameters()}
        first = {id(step.parameters[0]): step for step in reversed(steps)}
        for number, step in enumerate(steps):
            former = next(iter(own.values())) if len(own) == 1 else step.optimizer
            if not own:
                former = first[id(step.parameters[0])].optimizer
            if step.optimizer is not former:
                self.fail(
                    f"Step {number} is taken by another optimizer than trainer.optimizer.\nA new "
                    f"one has lost the averages of the one before."
                )
            self.check_weights(number, step.weights, step, names)
            if step.found.isfinite().all() and not step.skipped:
                by_hand(step)
        for step in {id(step.optimizer): step for step in steps}.values():
            self.check_weights(len(steps), flat(step.parameters), step, names)

    def check_weights(self, number: int, found: Tensor, step: Step, names: dict):
        twins = [p for group in step.twin.param_groups for p in group["params"]]
        parts = found.split([parameter.numel() for parameter in twins])
        for parameter, twin, weights in zip(step.parameters, twins, parts, strict=True):
            name = names.get(id(parameter), "a parameter outside of the model")
            torch.testing.assert_close(
                weights,
                twin.detach().flatten(),
                rtol=1e-4,  # fused kernels round differently
                atol=1e-6,
                msg=explained(
                    f"After {number} steps, {name} is not what the optimizer makes of the "
                    f"gradients.\nIs it changed elsewhere, or is the optimizer reset?"
                ),
            )

    def test_the_logged_loss_is_minimised(self):
        """The loss that is back-propagated is the one that is logged."""
        trainer = self.probe_trainer()
        steps = self.observe(trainer)
        if self.loss_tag is None or self.updates:
            self.skipTest("No single loss is declared to be logged, and minimised.")
        logged = self.values(trainer, self.loss_tag)
        if len(logged) != len(steps):
            self.skipTest("The loss is not logged once for every step, so they cannot be compared.")
        pairs = [(sum(step.losses), value) for step, value in zip(steps, logged, strict=True)]
        if self.minimises_the_sum(pairs):
            return
        for number, (loss, value) in enumerate(pairs):
            if not math.isclose(loss, value, rel_tol=self.loss_tolerance):
                self.fail(
                    f"In step {number}, {self.loss_tag} is logged as {value:.5g}, but "
                    f"{loss:.5g} is back-propagated, in {len(steps[number].passes)} passes.\nIs "
                    f"a term left out of one, or backward() called too often?"
                )

    def minimises_the_sum(self, pairs: list[tuple[float, float]]) -> bool:
        """Whether what is back-propagated is the sum over the batch, of which the mean is logged.

        The batches of an epoch have 4, 4 and 3 samples, so that no constant factor does that.
        """
        sizes = [4, 4, 3] * EPOCHS
        return len(pairs) == len(sizes) and all(
            math.isclose(loss, value * size, rel_tol=self.loss_tolerance)
            for (loss, value), size in zip(pairs, sizes, strict=True)
        )

    def test_keeps_no_graph(self):
        """The graph of a loss is gone when the next one is there."""
        trainer = self.probe_trainer()
        with watched_graphs() as graphs, seeded(0), observed_steps(self, trainer) as steps:
            self.train(trainer, EPOCHS)
        in_a_round = max((len(step.passes) for step in steps), default=1)
        if count_alive(graphs) > in_a_round:
            gc.collect()  # it takes long, and is needed only where references form a circle
        alive = count_alive(graphs)
        if alive > in_a_round:
            self.fail(
                f"After {len(steps)} steps, the graphs of {alive} losses are still there.\nThey "
                f"fill the memory. Keep and add up loss.item() instead."
            )


def likeness(found: Tensor, expected: Tensor) -> tuple[float, float]:
    """The factor of `expected` in `found`, and the share of what is left."""
    scale = (found @ expected / expected.square().sum().clamp(min=1e-30)).item()
    difference = (found - scale * expected).norm() / found.norm().clamp(min=1e-30)
    return scale, difference.item()
