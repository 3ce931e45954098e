"""Bugs that the checks of suites/trainer/selection.py are meant for."""

from ...loops.classifier import ClassifierTrainer
from ...loops.early_stopping import StopsEarly
from ...seeding import classifier_bug

BEST = "test_best_weights_are_kept"
PATIENCE = "test_early_stopping_counts_right"


@classifier_bug(
    BEST,
    r"The best weights have .*kept by reference.*deepcopy",
    source="pytorch/tutorials#188, widedeep#175, PyPOTS#667",
)
class BestByReference(ClassifierTrainer):
    def keep_the_best(self, loss):
        if loss < self.best_loss:
            self.best_loss, self.best = loss, self.model.state_dict()


@classifier_bug(BEST, r"The best weights have .*copy\.deepcopy")
class BestByShallowCopy(ClassifierTrainer):
    """A new dict with the same tensors in it."""

    def keep_the_best(self, loss):
        if loss < self.best_loss:
            self.best_loss, self.best = loss, dict(self.model.state_dict())


@classifier_bug(BEST, r"wrong epoch chosen")
class KeepsTheWorst(ClassifierTrainer):
    """A comparison that was right for accuracy."""

    def keep_the_best(self, loss):
        super().keep_the_best(-loss)


@classifier_bug(BEST, r"wrong epoch chosen")
class BestLossNotUpdated(ClassifierTrainer):
    """Whatever beats the first value replaces the best weights."""

    def keep_the_best(self, loss):
        self.best_loss = float("inf")
        super().keep_the_best(loss)


@classifier_bug(PATIENCE, r"patience of 2, training ends after 4 epochs; expected 5", patience=2)
class CountNotReset(StopsEarly):
    def improved(self, loss):
        pass


@classifier_bug(PATIENCE, r"ends after 6 epochs; expected 5.*off by one", patience=2)
class OneEpochTooPatient(StopsEarly):
    def is_enough(self):
        return self.bad_epochs > self.patience


@classifier_bug(PATIENCE, r"ends after 4 epochs; expected 5", patience=2)
class ComparedWithThePreviousEpoch(StopsEarly):
    """A slow decline is taken for progress, and any rise for none."""

    def count(self, loss):
        super().count(loss)
        self.bad_epochs += self.epoch == 3


@classifier_bug(PATIENCE, r"ends after \d+ epochs; expected 5", patience=2)
class NeverStopsEarly(StopsEarly):
    def is_enough(self):
        return False
