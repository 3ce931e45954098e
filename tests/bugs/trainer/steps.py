"""Bugs that the checks of suites/trainer/steps.py are meant for."""

import torch
from mnist_vae.trainer import Trainer

from ...seeding import trainer_bug
from .bases import StepTrainer, terms

GRADIENT = "test_steps_follow_the_gradient_of_the_loss"
BY_HAND = "test_steps_are_those_of_the_optimizer"
MINIMISED = "test_the_logged_loss_is_minimised"
GRAPH = "test_keeps_no_graph"


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


@trainer_bug(GRAPH, r"After 6 steps, the graphs of 6 losses are still there")
class LossesKept(StepTrainer):
    sum = 0.0

    def take_step(self, loss):
        super().take_step(loss)
        self.sum = self.sum + loss
