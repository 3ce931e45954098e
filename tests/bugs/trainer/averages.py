"""Bugs that the checks of suites/trainer/averages.py are meant for."""

import copy

from ...loops.averaging import DECAY, DECLARED, AveragesWeights
from ...loops.classifier import ClassifierTrainer
from ...loops.gan import AveragesGenerator
from ...seeding import classifier_bug, gan_bug

FOLLOWS = "test_averaged_weights_follow_the_weights"
OWN = "test_averaged_weights_are_their_own"
BUFFERS = "test_averaged_model_has_the_buffers"
EVALUATED = "test_averaged_weights_are_evaluated"


@classifier_bug(
    FOLLOWS, r"share of the new ones is about 0\.9\.\nAre the two factors swapped", **DECLARED
)
class FactorsSwapped(AveragesWeights):
    def update(self, average, weight):
        average.lerp_(weight, DECAY)


@classifier_bug(FOLLOWS, r"After step 5 .*left out after some steps, or updated before", **DECLARED)
class AveragedBeforeTheStep(AveragesWeights):
    def take_step(self, loss):
        self.update_average()
        ClassifierTrainer.take_step(self, loss)


@classifier_bug(FOLLOWS, r"Is it left out after some steps, or", **DECLARED)
class AveragedEveryOtherStep(AveragesWeights):
    def update_average(self):
        if self.step % 2:
            super().update_average()


@classifier_bug(FOLLOWS, r"about 0\.0\d+\.\nIs the decay another one", **DECLARED)
class AnotherDecay(AveragesWeights):
    def update(self, average, weight):
        average.lerp_(weight, 0.01)


@classifier_bug(FOLLOWS, r"did not change in 6 steps.*from this model", **DECLARED)
class AverageOfACopy(AveragesWeights):
    """The model was copied once more, and the copy is what is averaged."""

    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        self.copy = copy.deepcopy(self.model)

    def update(self, average, weight):
        average.copy_(average)


@classifier_bug(OWN, r"shares 1\.weight with the one that is trained.*deepcopy", **DECLARED)
class AverageIsTheModel(AveragesWeights):
    def new_average(self):
        return copy.copy(self.model)


@classifier_bug(
    BUFFERS,
    r"2\.running_mean of the averaged model is what it was before training",
    source="sesemi#36, mean-teacher#9, ema-pytorch#8",
    **DECLARED,
)
class BuffersOfTheFirstDay(AveragesWeights):
    def copy_buffers(self):
        pass


@classifier_bug(EVALUATED, r"the same after the averaged weights were changed", **DECLARED)
class EvaluatesTheTrainedModel(AveragesWeights):
    def eval(self):
        return ClassifierTrainer.eval(self)


@gan_bug(BUFFERS, r"1\.running_mean of the averaged model is what it was")
class AverageOfParametersOnly(AveragesGenerator):
    """Nothing declares it: generate(n) calls it."""

    def average_buffers(self):
        pass
