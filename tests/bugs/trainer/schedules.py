"""Bugs that the checks of suites/trainer/schedules.py are meant for."""

from torch.optim.lr_scheduler import CosineAnnealingLR

from ...loops.classifier import ClassifierTrainer
from ...seeding import classifier_bug


@classifier_bug(
    "test_a_schedule_is_as_long_as_the_training",
    r"CosineAnnealingLR is stepped 3 times; it has T_max = 1.*counts epochs",
)
class CosineInEveryBatch(ClassifierTrainer):
    """The rate falls to 0 in two batches, and rises again."""

    def train(self, epochs):
        self.cosine = CosineAnnealingLR(self.optimizer, epochs)
        super().train(epochs)

    def take_step(self, loss):
        super().take_step(loss)
        self.cosine.step()


@classifier_bug(
    "test_no_weight_starts_anew_in_every_epoch",
    r"losses of the same batch .* are \[.*\]\.\nIs a weight annealed by the number of the batch",
)
class PenaltyAnnealedWithinTheEpoch(ClassifierTrainer):
    """A penalty on large weights, meant to rise over the training."""

    def loss(self, logits, labels):
        weight = (self.step % 2) / 2
        penalty = sum(p.square().sum() for p in self.model.parameters())
        return super().loss(logits, labels) + weight * penalty
