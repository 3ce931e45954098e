"""Bugs that the checks of suites/trainer/classifier/known_answers.py are meant for."""

import torch
import torch.nn.functional as F
from torch import nn

from ....loops.classifier import CLASSES, ClassifierTrainer, classifier
from ....loops.own_loss import LossInTheModel, WithLoss
from ....seeding import classifier_bug, classifier_model_bug

EVALUATION = "test_evaluation_of_known_answers"
TRAINING = "test_training_loss_of_known_answers"
IGNORED = "test_ignored_labels_have_no_influence"
WEIGHTS = torch.linspace(0.5, 2.0, CLASSES)


@classifier_bug(TRAINING, r"the training loss is .*Is softmax applied before the cross-entropy")
class SoftmaxBeforeCrossEntropy(ClassifierTrainer):
    def loss(self, logits, labels):
        return F.cross_entropy(logits.softmax(dim=1), labels)


@classifier_model_bug(TRAINING, r"Is softmax applied before the cross-entropy")
def softmax_in_the_model():
    return nn.Sequential(*classifier(), nn.Softmax(dim=1))


@classifier_bug(TRAINING, r"Is log_softmax missing before the likelihood")
class LikelihoodOfLogits(ClassifierTrainer):
    def loss(self, logits, labels):
        return F.nll_loss(logits, labels)


@classifier_bug(TRAINING, r"Are labels off by one")
class ClassesOffByOne(ClassifierTrainer):
    def loss(self, logits, labels):
        return super().loss(logits, (labels + 1) % CLASSES)


@classifier_bug(TRAINING, r"Are class weights or label smoothing declared", class_weights=WEIGHTS)
class ClassWeightsNotUsed(ClassifierTrainer):
    """Computed, and not given to the loss."""


@classifier_bug(TRAINING, r"expected .* as a sum\.\nDo the labels belong to the inputs")
class LabelsShuffledInTheBatch(ClassifierTrainer):
    def loss(self, logits, labels):
        return super().loss(logits, labels.roll(1))


@classifier_bug(TRAINING, r"Is softmax taken over the batch", source="forum 77250")
class SoftmaxOverTheBatch(ClassifierTrainer):
    def loss(self, logits, labels):
        return F.nll_loss(F.log_softmax(logits, dim=0), labels)


@classifier_bug(TRAINING, r"Declare label_smoothing = 0\.1")
class SmoothedUnawares(ClassifierTrainer):
    """Right if it is wanted: then it is declared."""

    def loss(self, logits, labels):
        return F.cross_entropy(logits, labels, label_smoothing=0.1)


@classifier_bug(TRAINING, r"expected .* as a sum")
class SquaredErrorOfClasses(ClassifierTrainer):
    """The class is taken for a quantity."""

    def loss(self, logits, labels):
        return F.mse_loss(logits.softmax(1) @ torch.arange(10.0), labels.float())


@classifier_bug(EVALUATION, r"7 of 10 right.*accuracy is 0\.58333.*mean of the means of batches")
class MeanOfAccuracies(ClassifierTrainer):
    def totals(self):
        accuracies = []
        right, self.right = (
            self.right,
            lambda logits, labels: accuracies.append(right(logits, labels) / len(labels)) or 0,
        )
        found = super().totals()
        del self.right
        return {**found, "accuracy": sum(accuracies) / len(accuracies)}


@classifier_bug(EVALUATION, r"7 of 10 right.*accuracy is 0; .*that of the last batch")
class AccuracyOfTheLastBatch(ClassifierTrainer):
    def totals(self):
        def right(logits, labels):
            self.last = ClassifierTrainer.right(self, logits, labels) / len(labels)
            return 0

        self.right = right
        found = super().totals()
        del self.right
        return {**found, "accuracy": self.last}


@classifier_bug(EVALUATION, r"evaluate\(\) gives a loss of .*divided by the number of batches")
class SumOverBatchesOnly(ClassifierTrainer):
    """Sums over batches are divided as means are."""

    def totals(self):
        found = super().totals()
        size = len(self.data.test_data) / len(self.test_loader)
        return {**found, "loss": found["loss"] * size}


@classifier_bug(EVALUATION, r"evaluate\(\) gives a loss of .*mean of the means of batches")
class MeanOfLosses(ClassifierTrainer):
    def totals(self):
        found = super().totals()
        losses = [
            F.cross_entropy(self.model(x.to(self.device)), y.to(self.device)).item()
            for x, y in self.test_loader
        ]
        return {**found, "loss": sum(losses) / len(losses)}


@classifier_bug(EVALUATION, r"10 of 10 right answers.*the accuracy is 0;.*largest logit")
class SmallestLogitWins(ClassifierTrainer):
    """argmin, because it was an error that was wanted."""

    def right(self, logits, labels):
        return (logits.argmin(dim=1) == labels).sum().item()


@classifier_bug(EVALUATION, r"accuracy is 0\.83333.*divided by full batches")
class DividedByFullBatches(ClassifierTrainer):
    def totals(self):
        found = super().totals()
        seen = len(self.test_loader) * self.test_loader.batch_size
        return {**found, "accuracy": found["accuracy"] * len(self.data.test_data) / seen}


class LastBatchNotCounted(ClassifierTrainer):
    """The model sees it, but a list of what was found is used without its end."""

    def totals(self):
        found = [(self.model(x), y) for x, y in self.test_loader]
        logits, labels = map(torch.cat, zip(*(found[:-1] or found), strict=True))
        loss = F.cross_entropy(logits, labels).item()
        return {"loss": loss, "accuracy": self.right(logits, labels) / len(labels)}


@classifier_bug(EVALUATION, r"7 of 10 right.*loss of 0\.65258.*the last batch left out")
class LossWithoutTheLastBatch(LastBatchNotCounted):
    pass


@classifier_bug(EVALUATION, r"the accuracy is 0\.875.*the last batch left out")
class AccuracyWithoutTheLastBatch(LastBatchNotCounted):
    def totals(self):
        return {**ClassifierTrainer.totals(self), "accuracy": super().totals()["accuracy"]}


@classifier_bug(IGNORED, r"With 4 of 11 labels -1, the loss is .*ignore_index", ignore_index=-1)
class IgnoredLabelsInTheMean(ClassifierTrainer):
    """They have no gradient, and make the loss smaller."""

    def loss(self, logits, labels):
        total = F.cross_entropy(logits, labels, ignore_index=-1, reduction="sum")
        return total / len(labels)


@classifier_model_bug(TRAINING, r"Is softmax applied before the cross-entropy", cls=LossInTheModel)
class SoftmaxInTheModelsLoss(WithLoss):
    """The logits that the model returns beside it are right."""

    def loss(self, logits, labels):
        return super().loss(logits.softmax(dim=1), labels)
