"""Bugs that the checks of suites/trainer/batch_losses.py are meant for."""

from functools import partial

import torch.nn.functional as F

from ...loops.regression import AdoptedFitter, Fitter
from ...loops.sequences import AdoptedLanguageModel, LanguageModelTrainer
from ...loops.vae_example import AdoptedVAEExample
from ...seeding import adopted_bug, hook_bug

SAMPLES = "test_loss_of_a_batch_is_the_mean_or_sum_of_its_samples"
regression_bug = partial(adopted_bug, AdoptedFitter)
language_model_bug = partial(adopted_bug, AdoptedLanguageModel)


@regression_bug(
    SAMPLES,
    r"The loss of a batch of 4 samples is .*broadcast, as \(N, 1\) and \(N,\) do",
    source="pytorch#16045, pytorch#19699, TALENT#92, DeepSets#1",
)
class OutputsAndTargetsBroadcast(Fitter):
    """(N, 1) against (N,): every output is compared with every target."""

    def loss(self, outputs, targets):
        return (outputs - targets).square().mean()


@regression_bug(SAMPLES, r"The loss of a batch of 4 samples is ")
class TargetsReducedFirst(Fitter):
    """Compares the means of the batch."""

    def loss(self, outputs, targets):
        return (outputs.mean() - targets.mean()).square()


@regression_bug(SAMPLES, r"The loss of a batch of 4 samples is ")
class ScaledByTheBatch(Fitter):
    """Divides by the size of the batch once more."""

    def loss(self, outputs, targets):
        return super().loss(outputs, targets) / len(targets)


@language_model_bug(SAMPLES, r"The loss of a batch of 4 .*Are padded places in the mean")
class PaddingInTheMean(LanguageModelTrainer):
    def mean(self, logits, targets):
        total = F.cross_entropy(
            logits.flatten(0, 1), targets.flatten(), ignore_index=0, reduction="sum"
        )
        return total / targets.numel()


@language_model_bug(
    SAMPLES,
    r"The loss of a batch of 4 .*Are padded places in the mean",
    source="huggingface/blog#2414, trl#2175, axolotl#1100",
)
class MeanOfMeansOfParts(LanguageModelTrainer):
    """A batch goes through in parts, of which the last, smaller one counts as much."""

    def loss(self, tokens):
        parts = tokens.split(3)
        return sum(LanguageModelTrainer.loss(self, part) for part in parts) / len(parts)


@language_model_bug(SAMPLES, r"of a batch of 9 .*That of 4 is right.*different numbers of samples")
class MeanOfMeansOfLargeParts(LanguageModelTrainer):
    """Only a batch of more than 4 is taken in parts."""

    def loss(self, tokens):
        parts = tokens.split(4)
        return sum(LanguageModelTrainer.loss(self, part) for part in parts) / len(parts)


@hook_bug(
    AdoptedVAEExample, "train", SAMPLES, r"of a batch of 4 .*one term a mean and another one a sum"
)
def mean_of_one_term_only(self, trainer, epochs):
    """The cross-entropy is a sum over the batch. Codes are drawn, so that the loss has noise."""
    for _ in range(epochs):
        for x, _ in trainer.loaders[0]:
            trainer.optimizer.zero_grad()
            recon, mu, log_variance = trainer.model(x)
            error = F.binary_cross_entropy(recon, x.view(-1, 64), reduction="sum")
            kl = -0.5 * (1 + log_variance - mu.square() - log_variance.exp()).sum(dim=1)
            (error + kl.mean()).backward()
            trainer.optimizer.step()
