"""Bugs that the checks of suites/trainer/classifier/mixing.py are meant for."""

import torch

from ....loops.classifier import ClassifierTrainer
from ....seeding import classifier_bug

MIXED = "test_mixed_inputs_have_mixed_labels"


@classifier_bug(MIXED, r"Where two samples are mixed 0\.\d+ to 0\.\d+, the loss is .*mixed as the")
class LabelsOfTheFirst(ClassifierTrainer):
    """Inputs are mixed, and the loss is that of one label each."""

    def train_step(self, inputs, labels):
        share = 0.6 + 0.3 * torch.rand(())
        super().train_step(share * inputs + (1 - share) * inputs.flip(0), labels)


@classifier_bug(MIXED, r"that of both labels in the same shares is")
class SharesInterchanged(ClassifierTrainer):
    def train_step(self, inputs, labels):
        self.share = 0.6 + 0.3 * torch.rand(())
        super().train_step(self.share * inputs + (1 - self.share) * inputs.flip(0), labels)

    def loss(self, logits, labels):
        losses = (super(SharesInterchanged, self).loss(logits, y) for y in (labels.flip(0), labels))
        return sum(s * x for s, x in zip((self.share, 1 - self.share), losses, strict=True))
