"""Correct but unusual loops of classifiers, on which no check may fail."""

import copy

import torch
import torch.nn.functional as F
from torch import nn
from torch.optim.lr_scheduler import LambdaLR
from torch.utils.data import DataLoader, IterableDataset

from ..bugs.trainer.classifier.classes import Weighted
from ..loops import averaging
from ..loops.averaging import AveragesWeights
from ..loops.classifier import CLASSES, ClassifierTrainer, classifier
from ..loops.early_stopping import StopsEarly
from ..loops.mixed_precision import DECLARED as IN_PRECISIONS
from ..loops.mixed_precision import MixedPrecision
from ..varying import classifier as variant

WEIGHTS = torch.linspace(0.5, 2.0, CLASSES)


@variant()
class PlainClassifier(ClassifierTrainer):
    """As it is."""


@variant(**averaging.DECLARED)
class Averages(AveragesWeights):
    """The averaged weights are evaluated."""


@variant(patience=2)
class StopsAfterTwoBadEpochs(StopsEarly):
    """Training ends before the epochs that were asked for."""


@variant(balances_classes=True, samples_without_replacement=False)
class BalancesClasses(Weighted):
    """Samples are drawn with replacement, by the size of their class."""


@variant(label_smoothing=0.1)
class SmoothsLabels(ClassifierTrainer):
    def loss(self, logits, labels):
        return F.cross_entropy(logits, labels, label_smoothing=0.1)


@variant()
class KeepsLogitsSmall(ClassifierTrainer):
    """By a second term, a small one, which is logged beside the first."""

    def loss(self, logits, labels):
        cross_entropy = F.cross_entropy(logits, labels)
        if torch.is_grad_enabled():
            self.log("train/cross_entropy", self.step, cross_entropy.item())
        return cross_entropy + 1e-3 * logits.logsumexp(dim=1).square().mean()


@variant(class_weights=WEIGHTS)
class WeighsClasses(ClassifierTrainer):
    def loss(self, logits, labels):
        return F.cross_entropy(logits, labels, weight=WEIGHTS)


@variant(ignore_index=-1)
class IgnoresALabel(ClassifierTrainer):
    def loss(self, logits, labels):
        return F.cross_entropy(logits, labels, ignore_index=-1)


@variant()
class MinimisesTheSum(ClassifierTrainer):
    """And logs the mean."""

    def train_step(self, inputs, labels):
        self.size = len(labels)
        super().train_step(inputs, labels)

    def take_step(self, loss):
        super().take_step(loss * self.size)


@variant()
class WarmsUpFromZero(ClassifierTrainer):
    """The first step has a learning rate of 0."""

    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        self.warm_up = LambdaLR(self.optimizer, lambda step: min(step / 3, 1))

    def take_step(self, loss):
        super().take_step(loss)
        self.warm_up.step()

    def state(self):
        return {**super().state(), "warm_up": self.warm_up.state_dict()}

    def load(self, path):
        super().load(path)
        self.warm_up.load_state_dict(torch.load(path, weights_only=True)["warm_up"])


@variant()
class AccumulatesTwoBatches(ClassifierTrainer):
    """One step for two batches, or for what is left at the end of an epoch."""

    def train(self, epochs):
        for _ in range(epochs):
            self.model.train()
            last = len(self.train_loader) - 1
            for number, (inputs, labels) in enumerate(self.train_loader):
                loss = self.loss(self.model(inputs.to(self.device)), labels.to(self.device))
                if not torch.isfinite(loss):
                    raise FloatingPointError(f"The loss is {loss.item()}.")
                (loss / 2).backward()
                self.log("train/loss", self.step, loss.item())
                self.step += 1
                if number % 2 == 1 or number == last:
                    self.clip()
                    self.optimizer.step()
                    self.optimizer.zero_grad()
            self.end_epoch()


class Stream(IterableDataset):
    """Samples that can only be iterated, in an order of their own."""

    def __init__(self, dataset):
        self.dataset = dataset

    def __len__(self):
        return len(self.dataset)

    def __iter__(self):
        return (self.dataset[i] for i in torch.randperm(len(self.dataset)).tolist())


@variant()
class ReadsAStream(ClassifierTrainer):
    def __init__(self, model, data, optimizer, batch_size, *arguments, **settings):
        loader = DataLoader(Stream(data.train_data), batch_size)
        settings = {**settings, "train_loader": loader}
        super().__init__(model, data, optimizer, batch_size, *arguments, **settings)


def with_frozen_backbone() -> nn.Module:
    """As from a checkpoint: all but the last layer are frozen, and so are their statistics."""
    model = classifier()
    model[:3].requires_grad_(False)
    return model


def head_only(model) -> torch.optim.Optimizer:
    return torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=1e-2)


@variant(with_frozen_backbone, head_only, frozen_parameters=("1.", "2."))
class FineTunesTheHead(ClassifierTrainer):
    def train_step(self, inputs, labels):
        self.model[2].eval()
        super().train_step(inputs, labels)


@variant(lambda: nn.Sequential(*classifier(), nn.LogSoftmax(dim=1)))
class LikelihoodOfLogProbabilities(ClassifierTrainer):
    def loss(self, outputs, labels):
        return F.nll_loss(outputs, labels)

    def totals(self):
        loss = right = 0.0
        for inputs, labels in self.test_loader:
            outputs, labels = self.model(inputs.to(self.device)), labels.to(self.device)
            loss += F.nll_loss(outputs, labels, reduction="sum").item()
            right += self.right(outputs, labels)
        size = len(self.data.test_data)
        return {"test_loss": loss / size, "acc": 100 * right / size}

    def end_epoch(self):
        self.eval = lambda: {"loss": ClassifierTrainer.eval(self)["test_loss"]}
        super().end_epoch()
        del self.eval


@variant(loss_tolerance=2e-2)
class ComputesInBFloat16(ClassifierTrainer):
    def train_step(self, inputs, labels):
        with torch.autocast(self.device.type, torch.bfloat16):
            logits = self.model(inputs)
        loss = self.loss(logits.float(), labels)
        if not torch.isfinite(loss):
            raise FloatingPointError(f"The loss is {loss.item()}.")
        self.take_step(loss)
        self.log("train/loss", self.step, loss.item())
        self.step += 1


@variant(epoch_loss_tag="train/epoch_loss")
class LogsTheEpochsMean(ClassifierTrainer):
    total = 0.0

    def train_step(self, inputs, labels):
        super().train_step(inputs, labels)
        self.total += self.history["train/loss"][-1][1] * len(labels)

    def end_epoch(self):
        self.log("train/epoch_loss", self.epoch, self.total / len(self.data.train_data))
        self.total = 0.0
        super().end_epoch()


def two_groups(model) -> torch.optim.Optimizer:
    """Matrices decay; biases and the weights of the normalisation do not."""
    matrices = [p for p in model.parameters() if p.dim() > 1]
    others = [p for p in model.parameters() if p.dim() <= 1]
    groups = [{"params": matrices}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=3e-3, weight_decay=0.05)


@variant(make_optimizer=two_groups, no_decay=("*bias", "2.*"))
class DecaysMatricesOnly(ClassifierTrainer):
    """Has two parameter groups."""


@variant(
    updates={"backbone_optimizer": ("backbone",), "head_optimizer": ("head",)},
    networks=lambda trainer: {"backbone": trainer.model[:5], "head": trainer.model[5:]},
    best_weights=lambda trainer: None,
)
class TwoOptimizers(ClassifierTrainer):
    """One for the backbone and one for the head, which take their steps together."""

    def __init__(self, model, data, optimizer, batch_size, device, *, max_grad_norm=None):
        super().__init__(model, data, None, batch_size, device, max_grad_norm=max_grad_norm)
        self.backbone_optimizer = torch.optim.SGD(model[:5].parameters(), lr=1e-2)
        self.head_optimizer = torch.optim.Adam(model[5:].parameters(), lr=1e-2)

    def take_step(self, loss):
        self.model.zero_grad()
        loss.backward()
        self.clip()
        self.backbone_optimizer.step()
        self.head_optimizer.step()

    def state(self):
        optimizers = self.backbone_optimizer.state_dict(), self.head_optimizer.state_dict()
        self.optimizer = self.backbone_optimizer
        state = {**super().state(), "optimizers": optimizers}
        self.optimizer = None
        return state

    def load(self, path):
        self.optimizer = self.backbone_optimizer
        super().load(path)
        self.optimizer = None
        self.head_optimizer.load_state_dict(torch.load(path, weights_only=True)["optimizers"][1])


@variant(leaves_eval_mode=True)
class LeavesEvalMode(ClassifierTrainer):
    """train() switches back at the beginning of each epoch."""

    @torch.no_grad()
    def eval(self):
        self.model.eval()
        return self.totals()


@variant(unused_split="held_out")
class KeepsATestSplit(ClassifierTrainer):
    """Evaluates on what it calls test_data; a third split is for the very end."""

    def __init__(self, model, data, *arguments, **settings):
        if not hasattr(data, "held_out"):
            data = copy.copy(data)
            data.held_out = data.test_data
        super().__init__(model, data, *arguments, **settings)


@variant()
class ReturnsALossOnly(ClassifierTrainer):
    def eval(self):
        return super().eval()["loss"]

    def end_epoch(self):
        self.eval = lambda: ClassifierTrainer.eval(self)
        super().end_epoch()
        del self.eval


@variant(**IN_PRECISIONS)
class ComputesInThreePrecisions(MixedPrecision):
    """float32, bfloat16, and float16 with a scaler."""


def fused_adam(model) -> torch.optim.Optimizer:
    return torch.optim.AdamW(model.parameters(), 3e-3, fused=True)


@variant(make_optimizer=fused_adam, **IN_PRECISIONS)
class FusedInThreePrecisions(MixedPrecision):
    """A fused optimizer unscales gradients within its step."""


@variant()
class AveragesUndeclared(AveragesWeights):
    """The module that eval() calls is another one than that of the trainer."""

    def eval(self):
        with torch.no_grad():
            model, self.model = self.model, self.average.eval()
            found = self.totals()
            self.model = model
        return found


@variant()
class MixesUp(ClassifierTrainer):
    """See Zhang et al., "mixup" (2018)."""

    def train_step(self, inputs, labels):
        self.share = 0.6 + 0.4 * torch.rand(())
        super().train_step(self.share * inputs + (1 - self.share) * inputs.flip(0), labels)

    def loss(self, logits, labels):
        first, second = (F.cross_entropy(logits, y) for y in (labels, labels.flip(0)))
        return self.share * first + (1 - self.share) * second


@variant()
class CutsAndMixes(ClassifierTrainer):
    """See Yun et al., "CutMix" (2019): a part of each image is that of another one."""

    def train_step(self, inputs, labels):
        rows = int(torch.randint(inputs.shape[2] // 2, ()))
        order = torch.randperm(len(labels))
        self.share, self.labels = 1 - rows / inputs.shape[2], labels[order]
        mixed = torch.cat([inputs[order, :, :rows], inputs[:, :, rows:]], dim=2)
        super().train_step(mixed, labels)

    def loss(self, logits, labels):
        first, second = (F.cross_entropy(logits, y) for y in (labels, self.labels))
        return self.share * first + (1 - self.share) * second


@variant()
class GradientsByAutograd(ClassifierTrainer):
    """Without backward()."""

    def take_step(self, loss):
        parameters = list(self.model.parameters())
        for p, gradient in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
            p.grad = gradient
        self.clip()
        self.optimizer.step()


@variant()
class PenaltyRises(ClassifierTrainer):
    """A weight that is annealed over the whole training."""

    def loss(self, logits, labels):
        penalty = sum(p.square().sum() for p in self.model.parameters())
        return super().loss(logits, labels) + min(1e-4 * self.step, 1e-3) * penalty
