"""Bugs in the loop of a classifier that the checks of any trainer are meant for."""

import copy
import functools

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader

from ....loops.averaging import DECLARED, AveragesWeights
from ....loops.classifier import ClassifierTrainer, classifier
from ....loops.mixed_precision import DECLARED as IN_PRECISIONS
from ....loops.mixed_precision import MixedPrecision
from ....seeding import classifier_bug, classifier_model_bug

GRADIENT = "test_steps_follow_the_gradient_of_the_loss"
BY_HAND = "test_steps_are_those_of_the_optimizer"
CLIPPING = "test_gradients_are_clipped"
SCHEDULER = "test_scheduler_sets_the_learning_rate"
MINIMISED = "test_the_logged_loss_is_minimised"
MODE = "test_evaluates_in_eval_mode"
UNCHANGED = "test_evaluation_leaves_everything_as_it_was"
TRAINS = "test_trains_in_training_mode"
LONG = "test_a_long_epoch_is_like_a_short_one"
ONCE = "test_an_epoch_has_every_training_sample_once"
TEST_ONCE = "test_evaluation_sees_every_test_sample_once"
DETERMINISTIC = "test_evaluation_is_deterministic"
HELD = "test_optimizer_holds_every_trainable_parameter"
RESUMED = "test_resumed_run_equals_uninterrupted_run"
ORDER = "test_every_epoch_has_its_own_order"
UNUSED = "test_training_never_reads_the_unused_split"
OVERFITS = "test_overfits_one_batch"
REFUSED = "test_checkpoint_of_another_model_is_refused"
EPOCH_LOSS = "test_the_loss_of_an_epoch_is_the_mean_over_its_samples"


@classifier_bug(GRADIENT, r"In step 1, .*sum with those of the step before.*zero_grad\(\) missing")
class ZeroGradForgotten(ClassifierTrainer):
    def take_step(self, loss):
        loss.backward()
        self.clip()
        self.optimizer.step()


@classifier_bug(CLIPPING, r"max_grad_norm 0\.001 it should.*between backward\(\) and step\(\)")
class ClippedBeforeBackward(ClassifierTrainer):
    def take_step(self, loss):
        self.optimizer.zero_grad(set_to_none=False)
        self.clip()
        loss.backward()
        self.optimizer.step()


@classifier_bug(SCHEDULER, r"learning rates of the steps.*after every epoch, too often")
class ScheduleByBatch(ClassifierTrainer):
    def take_step(self, loss):
        super().take_step(loss)
        if self.scheduler is not None:
            self.scheduler.step()

    def end_epoch(self):
        scheduler, self.scheduler = self.scheduler, None
        super().end_epoch()
        self.scheduler = scheduler


@classifier_bug(MODE, r"In eval\(\) the model.*is in training mode.*model\.eval\(\) missing")
class TestsInTrainingMode(ClassifierTrainer):
    @torch.no_grad()
    def eval(self):
        return self.totals()


@classifier_bug(MODE, r"eval\(\) records gradients")
class TestsWithGradients(ClassifierTrainer):
    def totals(self):
        with torch.enable_grad():
            return super().totals()


@classifier_bug(UNCHANGED, r"eval\(\) changes the mode of the model")
class NeverBackInTrainingMode(ClassifierTrainer):
    def eval(self):
        self.model.eval()
        with torch.no_grad():
            return self.totals()


@classifier_bug(TRAINS, r"In step 3 of 6 .*eval mode.*in every epoch")
class TrainingModeBeforeTheFirstEpoch(ClassifierTrainer):
    def train(self, epochs):
        self.model.train()
        for _ in range(epochs):
            for inputs, labels in self.train_loader:
                self.train_step(inputs.to(self.device), labels.to(self.device))
            self.end_epoch()
            self.model.eval()


@classifier_bug(LONG, r"In call 101 of 150 in a long epoch.*middle of an epoch")
class EvaluatesInMidEpoch(ClassifierTrainer):
    """Every hundred steps, without a way back."""

    def train_step(self, inputs, labels):
        super().train_step(inputs, labels)
        if self.step % 100 == 1 and self.step > 1:
            self.model.eval()


@classifier_bug(LONG, r"An epoch of 150 batches of two samples uses 200 of 300")
class StopsAfterHundredBatches(ClassifierTrainer):
    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        loader = self.train_loader
        self.train_loader = FirstBatches(loader)


class FirstBatches:
    def __init__(self, loader):
        self.loader = loader

    def __iter__(self):
        for batch, _ in zip(self.loader, range(100), strict=False):
            yield batch


@classifier_bug(DETERMINISTIC, r"eval\(\) returns .*, and then .*Is dropout active")
class AugmentsTestImages(ClassifierTrainer):
    """The transforms of the training split were used for both."""

    def totals(self):
        loader = self.test_loader
        self.test_loader = [(x + 0.1 * torch.randn_like(x), y) for x, y in loader]
        found = super().totals()
        self.test_loader = loader
        return found


class FunctionalDropout(nn.Module):
    def forward(self, inputs):
        return F.dropout(inputs, 0.5)


@classifier_model_bug(DETERMINISTIC, r"eval\(\) returns .*, and then .*Is dropout active")
def dropout_in_evaluation():
    """F.dropout is active unless it is told otherwise."""
    model = classifier()
    model[4] = FunctionalDropout()
    return model


@classifier_bug(HELD, r"does not hold 1\.weight.*\(4 of 6 parameters\).*a part of the model")
class LastLayerOnly(ClassifierTrainer):
    """Left from fine-tuning, where all else is frozen."""

    def __init__(self, model, data, optimizer, *arguments, **settings):
        optimizer = torch.optim.Adam(list(model.parameters())[-2:], lr=1e-3)
        super().__init__(model, data, optimizer, *arguments, **settings)


@classifier_bug(HELD, r"does not hold 5\.weight, 5\.bias \(2 of 6 parameters\)")
class HeadReplacedAfterTheOptimizer(ClassifierTrainer):
    def __init__(self, model, *arguments, **settings):
        model[5] = nn.Linear(24, 10)
        super().__init__(model, *arguments, **settings)


@classifier_bug(HELD, r"Two optimizers hold 1\.weight.*\(6 of 6 parameters\)")
class SecondOptimizer(ClassifierTrainer):
    """The one of the first stage of training is still there."""

    def __init__(self, model, *arguments, **settings):
        super().__init__(model, *arguments, **settings)
        self.first_optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)

    def take_step(self, loss):
        super().take_step(loss)
        self.first_optimizer.step()


@classifier_bug(RESUMED, r"Right after loading, the scheduler's state")
class ResumesWithoutScheduler(ClassifierTrainer):
    def load(self, path):
        state = copy.deepcopy(self.scheduler.state_dict())
        super().load(path)
        self.scheduler.load_state_dict(state)


@classifier_bug(RESUMED, r"Right after loading, step in the optimizer's state")
class ResumesWithoutMoments(ClassifierTrainer):
    def load(self, path):
        state = copy.deepcopy(self.optimizer.state_dict())
        super().load(path)
        self.optimizer.load_state_dict(state)


@classifier_bug(ORDER, r"Two epochs have the training samples in the same order.*shuffle missing")
class SortedByClass(ClassifierTrainer):
    def __init__(self, model, data, optimizer, batch_size, *arguments, **settings):
        loader = DataLoader(data.train_data, batch_size)
        super().__init__(
            model, data, optimizer, batch_size, *arguments, **{**settings, "train_loader": loader}
        )


@classifier_bug(
    UNUSED, r"train\(\) reads 20 samples of test_data.*early stopping", unused_split="test_data"
)
class StopsByTheTestSplit(ClassifierTrainer):
    """The best epoch is the one that is best on the split that is reported at the end."""


@classifier_bug(ONCE, r"Epoch 0 uses 8 training samples.*last batch dropped")
class LastTrainingBatchDropped(ClassifierTrainer):
    def __init__(self, model, data, optimizer, batch_size, *arguments, **settings):
        loader = DataLoader(data.train_data, batch_size, shuffle=True, drop_last=True)
        super().__init__(
            model, data, optimizer, batch_size, *arguments, **{**settings, "train_loader": loader}
        )


@classifier_bug(TEST_ONCE, r"reads 11 samples of the training split.*interchanged")
class TestsOnTrainingData(ClassifierTrainer):
    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        self.test_loader = DataLoader(self.data.train_data, 4, generator=torch.Generator())


@classifier_bug(MINIMISED, r"train/loss is logged as .* is back-propagated, in 1 passes")
class LogsTheDividedLoss(ClassifierTrainer):
    """Divided for an accumulation over batches that is no longer there."""

    def log(self, tag, step, value):
        super().log(tag, step, value / 4 if tag == "train/loss" else value)


@classifier_bug(BY_HAND, r"After 1 steps, 1\.weight is not .*changed elsewhere")
class WeightsClamped(ClassifierTrainer):
    def take_step(self, loss):
        super().take_step(loss)
        with torch.no_grad():
            self.model[1].weight.clamp_(-0.02, 0.02)


@classifier_bug(OVERFITS, r"has a training loss of .* after \d+ steps.*belong together")
class LabelsOfTheEpochShuffled(ClassifierTrainer):
    """Labels are drawn anew for each batch."""

    def loss(self, logits, labels):
        return super().loss(logits, labels[torch.randperm(len(labels))])


@classifier_bug(REFUSED, r"lacks a parameter of the model is loaded without an error.*strict=False")
class LoadsWhatFits(ClassifierTrainer):
    def load(self, path):
        load = self.model.load_state_dict
        self.model.load_state_dict = functools.partial(load, strict=False)
        super().load(path)
        del self.model.load_state_dict


@classifier_bug(
    EPOCH_LOSS, r"train/epoch_loss is .*mean over its batches", epoch_loss_tag="train/epoch_loss"
)
class MeanOverBatches(ClassifierTrainer):
    """The last batch of an epoch counts like a full one."""

    def end_epoch(self):
        losses = [value for _, value in self.history["train/loss"][-len(self.train_loader) :]]
        self.log("train/epoch_loss", self.epoch, sum(losses) / len(losses))
        super().end_epoch()


@classifier_bug(
    RESUMED,
    r"Right after loading, the averaged 1\.weight",
    source="reported: ignite#2590, schnetpack#785",
    **DECLARED,
)
class AverageNotSaved(AveragesWeights):
    def load(self, path):
        ClassifierTrainer.load(self, path)


@classifier_bug(
    RESUMED,
    r"Right after loading, 1\.weight",
    source="reported: miles-credit#394 (resumes from the averaged weights)",
    **DECLARED,
)
class ResumesFromTheAverage(AveragesWeights):
    def load(self, path):
        super().load(path)
        with torch.no_grad():
            self.model.load_state_dict(self.average.state_dict())


@classifier_bug(GRADIENT, r"Are they still scaled\? Take the step by scaler\.step", **IN_PRECISIONS)
class StepWithScaledGradients(MixedPrecision):
    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        self.scaler = torch.amp.GradScaler("cpu", 1024.0, enabled=self.scaler.is_enabled())

    def take_step(self, loss):
        self.optimizer.zero_grad()
        self.scaler.scale(loss).backward()
        self.optimizer.step()


@classifier_bug(CLIPPING, r"max_grad_norm 0\.001 .*before they are unscaled", **IN_PRECISIONS)
class ClippedWhileScaled(MixedPrecision):
    def take_step(self, loss):
        self.optimizer.zero_grad()
        self.scaler.scale(loss).backward()
        self.clip()
        self.scaler.step(self.optimizer)
        self.scaler.update()


@classifier_bug(RESUMED, r"Right after loading, the scaler's state", **IN_PRECISIONS)
class ScaleNotRestored(MixedPrecision):
    def load(self, path):
        ClassifierTrainer.load(self, path)
