"""Correct loops of classifiers that do what frameworks do, on which no check may fail."""

from ..loops import as_frameworks
from ..loops.own_loss import LossInTheModel, WithLoss
from ..varying import classifier as variant


@variant(restores_at="next_train")
class RestoresLater(as_frameworks.RestoresLater):
    """Also a checkpoint in which a weight is missing is refused there."""


@variant()
class WrapsItsOptimizer(as_frameworks.WrapsItsOptimizer):
    """The steps are those of the optimizer within."""


@variant(restores_random_state=False)
class ReadsItsLoaderOnceMore(as_frameworks.ReadsItsLoaderOnceMore):
    """More random numbers are drawn than in the first call of a resumed run."""


@variant()
class SavesItsLog(as_frameworks.SavesItsLog):
    """A resumed run has all that was logged before."""


@variant(resumes=False)
class SavesWeightsOnly(as_frameworks.SavesWeightsOnly):
    """They are loaded, and refused where one is missing."""


@variant(as_frameworks.CastingModel, **as_frameworks.IN_PRECISIONS)
class CastsWithinForward(as_frameworks.CastsWithinForward):
    """Nothing is cast around the call of the model."""


@variant(WithLoss)
class ComputesItsLoss(LossInTheModel):
    """The model returns a dict of loss and logits."""


class ScaledLogits(WithLoss):
    def forward(self, inputs, labels=None):
        found = super().forward(inputs, labels)
        return {**found, "logits": 2.0 * found["logits"]}


@variant(ScaledLogits)
class ScalesItsLogits(LossInTheModel):
    """They are the output of no layer, so that no others can take their place."""
