"""Bugs that the check of suites/trainer/recorded_result.py is meant for."""

import torch
from suites import AbstractTestClassifierTrainer, AbstractTestVAETrainer
from torch import nn
from torch.optim import SGD, AdamW
from torch.utils.data import DataLoader

from ...loops.classifier import LEARNING_RATE, ClassifierTrainer, classifier, set_up_classifier
from ...records import of_another_machine, record_result, without, written
from ...seeding import seed
from ...subjects import set_up_trainer
from .bases import StepTrainer, terms

RECORDED = "test_reproduces_recorded_result"


def recorded_bug(message: str, source: str = "common knowledge", change=None, spoil=None):
    """For a class, or a function that makes an optimizer, in the place of the recorded one."""

    def decorate(subject):
        is_class = isinstance(subject, type)
        changed = {"cls": subject} if is_class else {"make_optimizer": subject}

        def set_up(case):
            set_up_classifier(case)
            record_result(case, change)
            set_up_classifier(case, **changed)
            if spoil is not None:
                spoil(case)

        return seed(subject, AbstractTestClassifierTrainer, RECORDED, message, set_up, source)

    return decorate


def recorded_vae_bug(message: str, source: str = "common knowledge"):
    """For a subclass of Trainer in the place of the recorded one."""

    def decorate(cls):
        def set_up(case):
            set_up_trainer(case, StepTrainer)
            record_result(case)
            set_up_trainer(case, cls)

        return seed(cls, AbstractTestVAETrainer, RECORDED, message, set_up, source)

    return decorate


@recorded_bug(
    r"Step 1 has a loss of .*All before it agrees\.\nStep 0, before it, had lr = 0\.003, and has "
    r"0\.006\.\nIf that is meant: python -m suites\.record"
)
def learning_rate_doubled(model):
    return AdamW(model.parameters(), 2 * LEARNING_RATE, weight_decay=0.01)


@recorded_bug(r"Step 1 has a loss of .*had lr = 0\.003, and has 0\.006", change=of_another_machine)
def learning_rate_doubled_elsewhere(model):
    """Far more than rounding, on whatever machine."""
    return AdamW(model.parameters(), 2 * LEARNING_RATE, weight_decay=0.01)


@recorded_bug(r"Step 0, before it, was taken by AdamW, and is by SGD")
def optimizer_exchanged(model):
    return SGD(model.parameters(), LEARNING_RATE)


@recorded_bug(r"Step 0, before it, had weight_decay = 0\.01, and has 0\.1")
def decays_more(model):
    return AdamW(model.parameters(), LEARNING_RATE, weight_decay=0.1)


@recorded_vae_bug(
    r"Step 0 has a loss of .*Its terms train/recon_loss, train/kl_div_loss agree: is the weight of "
    r"one another"
)
class WeightOfATermChanged(StepTrainer):
    def total(self, recon_loss, kl_div_loss):
        return recon_loss + 1.1 * kl_div_loss


@recorded_vae_bug(r"Of its terms, train/kl_div_loss is .* and was .*computed\s+otherwise")
class TermOfTheMeanOnly(StepTrainer):
    def losses(self, batch):
        recon_loss, _ = super().losses(batch).values()
        mu, _ = self.model.encode(batch[0])
        return terms(recon_loss, mu.square().sum() / (2 * len(mu)))


@recorded_bug(r"Step 0 trains on the samples \[0, 1, 2, 3\]; when it was recorded, on \[\d.*order")
class NotShuffledAnyMore(ClassifierTrainer):
    def __init__(self, model, data, optimizer, batch_size, *arguments, **settings):
        loader = DataLoader(data.train_data, batch_size)
        super().__init__(
            model, data, optimizer, batch_size, *arguments, train_loader=loader, **settings
        )


@recorded_bug(r"Step 2 trains on the samples \[\d+(, \d+){3}\]; .* on \[\d+(, \d+){2}\]\.\nIs")
class LastBatchDroppedNow(ClassifierTrainer):
    def __init__(self, model, data, optimizer, batch_size, *arguments, **settings):
        loader = DataLoader(data.train_data, batch_size, shuffle=True, drop_last=True)
        super().__init__(
            model, data, optimizer, batch_size, *arguments, train_loader=loader, **settings
        )


@recorded_bug(r"Step 0 has a loss .*Weights and samples are the same: .*are inputs normalised")
class NormalisesTwice(ClassifierTrainer):
    """The dataset does it already."""

    def train_step(self, inputs, labels):
        super().train_step((inputs - 0.1307) / 0.3081, labels)


@recorded_bug(r"Step 0 has a loss .*is the loss, or a weight in it, another one")
class SmoothsLabelsNow(ClassifierTrainer):
    def loss(self, logits, labels):
        return nn.functional.cross_entropy(logits, labels, label_smoothing=0.1)


@recorded_bug(r"Step 0 has a norm of the gradient of 0\.9999.*loss is the same: .*clipped")
class ClipsToOne(ClassifierTrainer):
    def clip(self):
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)


@recorded_bug(r"Step 1 has a norm of the gradient .*accumulated or cleared otherwise")
class GradientsNotClearedNow(ClassifierTrainer):
    def take_step(self, loss):
        loss.backward()
        self.optimizer.step()


@recorded_bug(r"Step 1 has a loss .*Step 0 had the same gradient and optimizer: are weights")
class ClampsWeights(ClassifierTrainer):
    def take_step(self, loss):
        super().take_step(loss)
        with torch.no_grad():
            for parameter in self.model.parameters():
                parameter.clamp_(-0.05, 0.05)


@recorded_bug(r"The difference is that of rounding: are sums taken in another order now")
class SumsInAnotherOrder(ClassifierTrainer):
    """The same but for rounding: a difference all the same, and said to be small."""

    def loss(self, logits, labels):
        each = nn.functional.cross_entropy(logits, labels, reduction="none")
        return (each / 3).sum() / len(each) * 3


@recorded_bug(r"Training took 5 steps when it was recorded, and takes 3")
class EndsAfterAnEpoch(ClassifierTrainer):
    def train(self, epochs):
        if self.epoch == 0:
            super().train(1)


def labels_left_out(case):
    """The data of setUp have changed."""
    data = case.trainer.data
    data.train_data = [image for image, _ in data.train_data]


def another_layer(case):
    """The model of setUp has changed."""
    *others, last = classifier()
    case.trainer.model = nn.Sequential(*others, nn.Identity(), last)


def forgotten(case):
    case.recorded_result.unlink()


@recorded_bug(
    r"A sample of train_data has the shapes \[\[1, 32, 32\]\], and had \[\[1, 32, 32\], \[\]\]",
    spoil=labels_left_out,
)
class RecordedWithLabels(ClassifierTrainer):
    """As it is."""


@recorded_bug(
    r"had parameters \['5\.bias', '5\.weight'\] when it was recorded, and has \['6\.bias', '6\.w",
    spoil=another_layer,
)
class RecordOfAnotherModel(ClassifierTrainer):
    """As it is."""


@recorded_bug(
    r"losses\.json is no JSON: .*\nWrite it anew: python -m suites\.record",
    spoil=written('{"steps": [\n<<<<<<< HEAD'),
)
class RecordWithConflicts(ClassifierTrainer):
    """As a merge leaves it."""


@recorded_bug(
    r"losses\.json is no recorded_result: it has no 'parameters'\.\nWrite it anew",
    spoil=written("{}"),
)
class RecordOfSomethingElse(ClassifierTrainer):
    """Valid JSON, of another kind."""


@recorded_bug(
    r"is no recorded_result: an entry of 'steps' has no 'loss'\.\nWrite", spoil=without("loss")
)
class RecordWithoutLosses(ClassifierTrainer):
    """As an older version wrote it."""


@recorded_bug(r"losses\.json does not exist\.\nWrite it, once: python", spoil=forgotten)
class RecordForgotten(ClassifierTrainer):
    """Not committed."""
