"""Properties of single optimizer steps: the right gradient, once, and nothing but the optimizer."""

import copy
import gc
import math
from functools import partial

import torch
from torch import Tensor
from torch.optim.lr_scheduler import ExponentialLR

from ..instruments.comparing import count_alive
from ..instruments.seeds import seeded
from .observing import Step, by_hand, flat, near, observed_steps, watched_graphs

EPOCHS = 2
DECAY = 0.5
MAX_NORM = 1e-3


class StepTests:
    """Tests of single optimizer steps. Part of AbstractTestTrainer."""

    def test_steps_follow_the_gradient_of_the_loss(self):
        """Each step has the gradient of the losses since the last one, perhaps scaled down."""
        steps = self.observe(self.probe_trainer())
        for number, step in enumerate(steps):
            previous = steps[number - 1].found if number else None
            self.check_gradient(number, step, previous)

    def check_gradient(self, number: int, step: "Step", previous: Tensor | None):
        if not step.losses:
            self.fail(
                f"optimizer.step() number {number} came without a backward pass before it.\nIs it "
                f"called before loss.backward(), or twice?"
            )
        if not step.found.any() and step.expected.any():
            self.fail(
                f"In step {number}, the gradients are zero.\nAre they cleared between backward() "
                f"and step()?"
            )
        scale = (step.found @ step.expected / step.expected.square().sum()).item()
        difference = (step.found - scale * step.expected).norm() / step.found.norm()
        if difference < 1e-3 and 0 < scale < 1.001:
            return
        stale = previous is not None and near(step.found, step.expected + previous)
        self.fail(
            f"In step {number}, the gradients are not those of the loss: {difference:.0%} of them "
            f"is something else, the rest has a factor of {scale:.3g}.\n"
            + (
                "They are the sum with those of the step before. Is zero_grad() missing?"
                if stale
                else "Is zero_grad() missing or misplaced, or are gradients changed by hand?"
            )
        )

    def test_steps_are_those_of_the_optimizer(self):
        """Written out by hand from the same state, the steps give the same weights."""
        trainer = self.probe_trainer()
        twin, twin_optimizer = copy.deepcopy((trainer.model, trainer.optimizer))
        for number, step in enumerate(self.observe(trainer)):
            if step.optimizer is not trainer.optimizer:
                self.fail(
                    f"Step {number} is taken by another optimizer than trainer.optimizer.\nA new "
                    f"one has lost the averages of the one before."
                )
            self.check_weights(number, step.weights, twin)
            by_hand(twin, twin_optimizer, step)
        self.check_weights(number + 1, flat(trainer.model.parameters()), twin)

    def check_weights(self, number: int, found: Tensor, twin):
        sizes = [parameter.numel() for parameter in twin.parameters()]
        for (name, parameter), weights in zip(
            twin.named_parameters(), found.split(sizes), strict=True
        ):
            torch.testing.assert_close(
                weights,
                parameter.detach().flatten(),
                rtol=1e-4,  # fused kernels round differently
                atol=1e-6,
                msg=lambda text, name=name: (
                    f"After {number} steps, {name} is not what the optimizer makes of the "
                    f"gradients.\nIs it changed elsewhere, or is the optimizer reset?\n{text}"
                ),
            )

    def test_the_logged_loss_is_minimised(self):
        """The loss that is back-propagated is the one that is logged."""
        trainer = self.probe_trainer()
        steps = self.observe(trainer)
        logged = trainer.summary.values(self.loss_tag)
        if len(logged) != len(steps):
            self.skipTest("The loss is not logged once for every step, so they cannot be compared.")
        for number, (step, value) in enumerate(zip(steps, logged, strict=True)):
            if not math.isclose(sum(step.losses), value, rel_tol=self.loss_tolerance):
                self.fail(
                    f"In step {number}, {self.loss_tag} is logged as {value:.5g}, but "
                    f"{sum(step.losses):.5g} is back-propagated, in {len(step.losses)} passes.\nIs "
                    f"a term left out of one, or backward() called too often?"
                )

    def test_scheduler_sets_the_learning_rate(self):
        """The learning rate follows the scheduler, which is stepped as declared."""
        if not self.takes("scheduler"):
            self.skipTest("The class of the trainer takes no scheduler.")
        trainer = self.probe_trainer(make_scheduler=partial(ExponentialLR, gamma=DECAY))
        start = float(trainer.optimizer.param_groups[0]["lr"])
        found = [step.learning_rate / start for step in self.observe(trainer)]
        by_epoch = self.scheduler_interval == "epoch"
        steps_in_epoch = len(found) // EPOCHS
        expected = [DECAY ** (i // steps_in_epoch if by_epoch else i) for i in range(len(found))]
        if not torch.allclose(torch.tensor(found), torch.tensor(expected)):
            cause = (
                "too often, or too early" if found[-1] < expected[-1] else "and on this optimizer"
            )
            self.fail(
                f"The learning rates of the steps are {[round(rate, 4) for rate in found]} of the "
                f"first; the schedule gives {expected}.\nIs the scheduler stepped after every "
                f"{self.scheduler_interval}, {cause}?"
            )

    def test_gradients_are_clipped(self):
        """No step has a gradient with a norm above max_grad_norm."""
        if not self.takes("max_grad_norm"):
            self.skipTest("The class of the trainer takes no max_grad_norm.")
        # In float16, losses are scaled up, and their gradients have to be scaled down first.
        precisions = ("float32", "float16") if self.takes("precision") else (None,)
        for precision in precisions:
            with self.subTest(precision=precision):
                self.check_clipping({"precision": precision} if precision else {})

    def check_clipping(self, settings: dict):
        try:
            trainer = self.probe_trainer(max_grad_norm=MAX_NORM, **settings)
        except ValueError as error:
            self.skipTest(f"The trainer cannot be built with {settings}: {error}")
        with observed_steps(trainer.model) as steps, seeded(0):
            trainer.train(2 * EPOCHS)
        self.require_observable(steps)
        norms = [step.found.norm().item() for step in steps]
        if "float16" in settings.values():
            norms = [norm for norm in norms if math.isfinite(norm)]  # the scaler skips the others
        if not norms:
            self.skipTest(f"With {settings} no step was taken: the gradients overflow.")
        for number, norm in enumerate(norms):
            if not 0.5 * MAX_NORM < norm < 1.001 * MAX_NORM:  # the gradients are far larger
                cause = (
                    "Are gradients clipped between backward() and step()?"
                    if norm > MAX_NORM
                    else "Is the loss clipped, or are gradients clipped before they are unscaled?"
                )
                self.fail(
                    f"Step {number} has a gradient of norm {norm:.4g}; with max_grad_norm "
                    f"{MAX_NORM} it should be that much.\n{cause}"
                )

    def test_keeps_no_graph(self):
        """The graph of a loss is gone when the next one is there."""
        trainer = self.probe_trainer()
        with watched_graphs() as graphs, seeded(0):
            trainer.train(EPOCHS)
        if count_alive(graphs) > 1:
            gc.collect()  # it takes long, and is needed only where references form a circle
        alive = count_alive(graphs)
        if alive > 1:
            self.fail(
                f"After {len(graphs)} steps, the graphs of {alive} losses are still there.\nThey "
                f"fill the memory. Keep and add up loss.item() instead."
            )

    def test_loss_that_is_not_finite_stops_training(self):
        """A loss that is not finite raises an error with a text, before any weight changes."""
        trainer = self.probe_trainer()
        with torch.no_grad():
            trainer.model.outputs.bias[0] = math.nan
        before = flat(trainer.model.parameters())
        try:
            with seeded(0):
                trainer.train(1)
        except Exception as error:
            text = f"{type(error).__name__}: {error}".lower()
        else:
            self.fail("train() went on with a loss that is nan. Raise an error in its first step.")
        if text.endswith(": "):
            self.fail(f"The loss is nan, but the error does not say so: {text}")
        if not torch.equal(before.nan_to_num(), flat(trainer.model.parameters()).nan_to_num()):
            self.fail("The loss is nan, and train() raised after it had changed the weights.")

    def test_errors_of_the_model_stop_training(self):
        """An error that the model raises reaches the caller of train()."""
        trainer = self.probe_trainer()
        decode, message = trainer.model.decode, "raised by a test"

        def fail_in_training(latent_code):
            if torch.is_grad_enabled():
                raise RuntimeError(message)
            return decode(latent_code)

        trainer.model.decode = fail_in_training
        try:
            trainer.train(1)
        except Exception as error:
            self.assertIn(message, str(error), "The error of the model was replaced by another.")
        else:
            self.fail("The model raised an error, and train() went on. Is there a try too many?")

    def require_observable(self, steps: list["Step"]):
        if any(step.has_closure for step in steps):
            self.skipTest("The loss is evaluated within step(closure): it cannot be observed.")

    def observe(self, trainer) -> list["Step"]:
        """Trains for two epochs of three batches; returns the steps that were taken."""
        with observed_steps(trainer.model) as steps, seeded(0):
            trainer.train(EPOCHS)
        self.require_observable(steps)
        if not steps:
            self.fail(f"train({EPOCHS}) took no optimizer step on this model.")
        return steps
