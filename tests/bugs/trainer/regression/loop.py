"""Bugs in the loop of a regression that the checks of any trainer are meant for."""

from functools import partial

import torch
import torch.nn.functional as F

from ....loops.regression import AdoptedFitter, Fitter
from ....seeding import adopted_bug

DECAY = "test_weight_decay_is_where_it_belongs"
regression_bug = partial(adopted_bug, AdoptedFitter)


@regression_bug("test_evaluation_is_deterministic", r"batch size of 4 and .* with 10")
class RootOfEachBatch(Fitter):
    """The mean of roots is not the root of the mean."""

    def score(self, loader):
        errors = [F.mse_loss(self.predict(x), y).sqrt().item() for x, y in loader]
        return sum(errors) / len(errors)


@regression_bug("test_evaluates_in_eval_mode", r"In eval\(\) the model.*in training mode")
class PredictsInTrainingMode(Fitter):
    def predict(self, inputs):
        with torch.no_grad():
            return self.net(inputs).squeeze(1)


@regression_bug("test_keeps_no_graph", r"the graphs of 6 losses are still there")
class CurveOfTensors(Fitter):
    def point(self, loss):
        return loss


@regression_bug("test_the_logged_loss_is_minimised", r"loss is logged as .* is back-propagated")
class CurveOfRoots(Fitter):
    def fit(self, loader, epochs):
        start = len(self.curve)
        super().fit(loader, epochs)
        self.curve[start:] = [value**0.5 for value in self.curve[start:]]


@regression_bug("test_trains_in_training_mode", r"In step 0 of 6 .*is in eval mode")
class FitsInEvalMode(Fitter):
    """Once it was used to predict."""

    def fit(self, loader, epochs):
        self.net.train = lambda mode=True: self.net
        super().fit(loader, epochs)
        del self.net.train


@regression_bug(
    "test_overfits_one_batch", r"has a training loss of .*belong together", overfit_factor=0.05
)
class OutputsAndTargetsInAnotherOrder(Fitter):
    def loss(self, outputs, targets):
        return super().loss(outputs, targets[torch.randperm(len(targets))])


@regression_bug("test_same_seed_same_run", r"differ in 0\.weight")
class SeededByTheClock(Fitter):
    def fit(self, loader, epochs):
        torch.seed()
        super().fit(loader, epochs)


@regression_bug(
    DECAY,
    r"0\.bias has a weight decay of 0\.1; expected none",
    no_decay=("*bias",),
)
class EverythingDecays(Fitter):
    def __init__(self, net, rate=0.02):
        super().__init__(net, rate)
        self.optimizer = torch.optim.AdamW(net.parameters(), rate, weight_decay=0.1)


@regression_bug(
    DECAY,
    r"0\.weight has a weight decay of 0\.0; expected some",
    no_decay=("*bias",),
)
class GroupsInterchanged(Fitter):
    def __init__(self, net, rate=0.02):
        super().__init__(net, rate)
        matrices = [p for p in net.parameters() if p.dim() > 1]
        vectors = [p for p in net.parameters() if p.dim() == 1]
        groups = [{"params": matrices, "weight_decay": 0.0}, {"params": vectors}]
        self.optimizer = torch.optim.AdamW(groups, rate, weight_decay=0.1)
