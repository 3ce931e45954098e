"""Bugs that the checks of suites/trainer/steps.py are meant for."""

import math

import torch
from mnist_vae.trainer import Trainer
from torch import nn
from torch.optim.lr_scheduler import ExponentialLR

from ...seeding import trainer_bug
from .bases import StepTrainer, terms

GRADIENT = "test_steps_follow_the_gradient_of_the_loss"
BY_HAND = "test_steps_are_those_of_the_optimizer"
MINIMISED = "test_the_logged_loss_is_minimised"
SCHEDULER = "test_scheduler_sets_the_learning_rate"
CLIPPING = "test_gradients_are_clipped"
GRAPH = "test_keeps_no_graph"
FINITE = "test_loss_that_is_not_finite_stops_training"
ERRORS = "test_errors_of_the_model_stop_training"


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


@trainer_bug(GRADIENT, r"In step 1, .*sum with those of the step before.*zero_grad\(\) missing")
class GradientsNotCleared(StepTrainer):
    def take_step(self, loss):
        loss.backward()
        self.optimizer.step()


@trainer_bug(GRADIENT, r"number 0 came without a backward pass.*before loss\.backward\(\)")
class StepBeforeBackward(StepTrainer):
    """Every step has the gradient of the batch before."""

    def losses(self, batch):
        self.optimizer.step()
        return super().losses(batch)

    def take_step(self, loss):
        self.optimizer.zero_grad()
        loss.backward()


@trainer_bug(GRADIENT, r"number 1 came without a backward pass.*or twice")
class TwoSteps(StepTrainer):
    def take_step(self, loss):
        super().take_step(loss)
        self.optimizer.step()


@trainer_bug(GRADIENT, r"In step 0, the gradients are zero.*cleared between")
class GradientsClearedTooLate(StepTrainer):
    def take_step(self, loss):
        loss.backward()
        self.optimizer.zero_grad(set_to_none=False)
        self.optimizer.step()


@trainer_bug(GRADIENT, r"In step 0, .*gradients changed by hand")
class SignsForGradients(StepTrainer):
    def take_step(self, loss):
        self.optimizer.zero_grad()
        loss.backward()
        for parameter in self.model.parameters():
            parameter.grad.sign_()
        self.optimizer.step()


@trainer_bug(GRADIENT, r"In step 0, .*factor of -1")
class GradientsTurnedAround(StepTrainer):
    def take_step(self, loss):
        self.optimizer.zero_grad()
        loss.backward()
        for parameter in self.model.parameters():
            parameter.grad.neg_()
        self.optimizer.step()


@trainer_bug(GRADIENT, r"In step 0, .*gradients changed by hand")
class SomeGradientsDivided(StepTrainer):
    """Divided by the batch size once more, in the part that somebody had trained by itself."""

    def clip(self):
        for parameter in list(self.model.parameters())[-2:]:
            parameter.grad /= self.batch_size
        super().clip()


@trainer_bug(
    BY_HAND,
    r"Step 0 is taken by another optimizer.*lost the averages",
    source="dngfra/Restricted-Boltzmann-Machines#2, CodefyUI PR#147",
)
class OptimizerRebuiltEveryEpoch(Trainer):
    def train(self, epochs):
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=2e-3)
        for _ in range(epochs):
            self.optimizer, step = torch.optim.Adam(self.model.parameters(), lr=2e-3), self.step
            super().train(1)
            assert self.step > step


@trainer_bug(
    BY_HAND,
    r"After 2 steps, inputs.weight is not .*optimizer reset",
    source="dngfra/Restricted-Boltzmann-Machines#2 (moments reset)",
)
class StateOfTheOptimizerReset(StepTrainer):
    def take_step(self, loss):
        super().take_step(loss)
        for state in self.optimizer.state.values():
            state["exp_avg"].zero_()


@trainer_bug(
    BY_HAND,
    r"After 1 steps, inputs.weight is not .*changed elsewhere",
    source="Humbatova et al. 2021, DeepCrime (add weights regularisation)",
)
class WeightsDecayedByHand(StepTrainer):
    def take_step(self, loss):
        super().take_step(loss)
        with torch.no_grad():
            for parameter in self.model.parameters():
                parameter *= 0.99


@trainer_bug(
    MINIMISED,
    r"In step 0, train/loss is logged .*a term left out",
    source="reported: hpcaitech/Open-Sora#876 (no KL in training)",
)
class KLNotBackPropagated(StepTrainer):
    def losses(self, batch):
        recon_loss, kl_div_loss = super().losses(batch).values()
        self.recon_loss = recon_loss
        return terms(recon_loss, kl_div_loss)

    def take_step(self, loss):
        super().take_step(self.recon_loss)


@trainer_bug(MINIMISED, r"In step 0, .* in 2 passes.*called too often")
class BackwardTwice(StepTrainer):
    def take_step(self, loss):
        self.optimizer.zero_grad()
        loss.backward(retain_graph=True)
        loss.backward()
        self.clip()
        self.optimizer.step()


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


@trainer_bug(GRAPH, r"After 6 steps, the graphs of 6 losses are still there")
class LossesKept(StepTrainer):
    sum = 0.0

    def take_step(self, loss):
        super().take_step(loss)
        self.sum = self.sum + loss


@trainer_bug(FINITE, r"train\(\) went on with a loss that is nan")
class NaNIgnored(StepTrainer):
    def check_finite(self, loss):
        pass


@trainer_bug(FINITE, r"train\(\) went on with a loss that is nan")
class NaNBatchesSkipped(Trainer):
    def train_step(self, batch):
        try:
            return super().train_step(batch)
        except FloatingPointError:
            return 0.0


@trainer_bug(FINITE, r"raised after it had changed the weights")
class CheckedAfterTheStep(StepTrainer):
    def check_finite(self, loss):
        pass

    def take_step(self, loss):
        super().take_step(loss)
        super().check_finite(loss.item())


@trainer_bug(FINITE, r"the error does not say so: assertionerror")
class BareAssertion(StepTrainer):
    def check_finite(self, loss):
        assert math.isfinite(loss)


@trainer_bug(ERRORS, r"train\(\) went on.*a try too many")
class EveryErrorTakenForFullMemory(Trainer):
    """Skips a batch that does not fit into the memory, and each with any other error."""

    def train_step(self, batch):
        try:
            return super().train_step(batch)
        except RuntimeError:
            self.optimizer.zero_grad()
            return 0.0


@trainer_bug(
    ERRORS,
    r"train\(\) went on.*a try too many",
    source="AntixK/PyTorch-VAE, experiment.py (bare except in the set-up)",
)
class ErrorsSwallowed(Trainer):
    def train_step(self, batch):
        try:
            return super().train_step(batch)
        except Exception:
            return 0.0
