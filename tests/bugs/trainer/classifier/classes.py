"""Bugs that the checks of suites/trainer/classifier/classes.py are meant for."""

import torch
from torch import nn
from torch.utils.data import DataLoader, WeightedRandomSampler

from ....loops.classifier import ClassifierTrainer, classifier
from ....seeding import classifier_bug, classifier_model_bug

OUTPUTS = "test_one_output_per_class"
CHANCE = "test_a_new_model_is_at_chance"
BALANCE = "test_sampler_balances_the_classes"


@classifier_model_bug(OUTPUTS, r"outputs of shape \(4, 1\).*expected \(4, 10\).*always 1")
def one_logit():
    model = classifier()
    model[5] = nn.Linear(24, 1)
    return model


@classifier_model_bug(
    OUTPUTS, r"train_data has labels from \d to \d; expected 0 to 3", num_classes=4
)
def classes_forgotten():
    model = classifier()
    model[5] = nn.Linear(24, 4)
    return model


@classifier_model_bug(CHANCE, r"A new model has a loss of .*far too large")
def logits_far_too_large():
    model = classifier()
    nn.init.normal_(model[5].weight, std=10.0)
    return model


class Weighted(ClassifierTrainer):
    """Correct. Draws samples by weights that go by the size of their class."""

    def __init__(self, model, data, optimizer, batch_size, *arguments, **settings):
        labels = torch.tensor([label for _, label in data.train_data])
        weights = self.weights(labels, labels.bincount(minlength=10))
        sampler = WeightedRandomSampler(weights, len(labels))
        settings["train_loader"] = DataLoader(data.train_data, batch_size, sampler=sampler)
        super().__init__(model, data, optimizer, batch_size, *arguments, **settings)

    def weights(self, labels, counts):
        return 1 / counts[labels]


DECLARED = {"balances_classes": True, "samples_without_replacement": False}


@classifier_bug(BALANCE, r"\d+ are of the rare one; expected half.*over the size", **DECLARED)
class WeightsOfClassesNotInverted(Weighted):
    def weights(self, labels, counts):
        return counts[labels].float()


@classifier_bug(BALANCE, r"\d+ are of the rare one; expected half", **DECLARED)
class WeightsInTheOrderOfClasses(Weighted):
    """Those of the classes, taken for those of the first samples."""

    def weights(self, labels, counts):
        return torch.ones(len(labels))
