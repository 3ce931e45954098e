"""Bugs that the checks of suites/model/freezing.py are meant for."""

from torch import nn
from torch.utils.checkpoint import checkpoint

from ...seeding import model_bug
from .bases import Net

SETTLED = "test_train_freezes_nothing"
STATISTICS = "test_frozen_backbone_keeps_its_statistics"
CHECKPOINTS = "test_checkpointing_keeps_gradients"


@model_bug(
    SETTLED,
    r"\.hidden\.weight: requires_grad is True in a new model, but False after train\(\)",
    frozen_parameters=("hidden.*",),
    source="TrainCheck (OSDI 2025)",
)
class FrozenByTrain(Net):
    """A new model is in training mode: nobody calls train() before the optimizer is built."""

    def train(self, mode=True):
        self.hidden.requires_grad_(not mode)
        return super().train(mode)


@model_bug(SETTLED, r"\.hidden\.weight: requires_grad is True in a new model, but False after eval")
class FrozenByEval(Net):
    """It is never thawed again."""

    def train(self, mode=True):
        if not mode:
            self.requires_grad_(False)
        return super().train(mode)


class WithBackbone(Net):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8, affine=False))
        self.hidden.requires_grad_(False)
        self.hidden.eval()


@model_bug(
    STATISTICS,
    r"\.hidden\.1\.running_mean follows the batches, although all parameters of hidden are frozen"
    r".*self\.hidden\.eval\(\)",
    frozen_parameters=("hidden.*",),
    source="CenterPoint#168, mmdetection#560, Lightning#15063",
)
class TrainWakesTheBackbone(WithBackbone):
    """eval() in the constructor lasts until the first train()."""


@model_bug(
    STATISTICS,
    r"\.hidden\.1\.running_mean follows the batches",
    frozen_parameters=("hidden.*",),
    source="CenterPoint#168, mmdetection#560, Lightning#15063",
)
class EvalIsCalledTooEarly(WithBackbone):
    def train(self, mode=True):
        self.hidden.eval()
        return super().train(mode)


@model_bug(
    CHECKPOINTS,
    r"\.hidden\.weight has a gradient without checkpointing only.*use_reentrant=False",
    source="huggingface/transformers#21381",
)
class CheckpointsItsFirstLayer(Net):
    """No input of it has a gradient."""

    def forward(self, inputs):
        return self.out(checkpoint(self.hidden, inputs, use_reentrant=True).relu())


@model_bug(
    CHECKPOINTS,
    r"\.adapter\.weight has a gradient without checkpointing only",
    frozen_parameters=("hidden.*",),
    source="huggingface/transformers#21381",
)
class CheckpointsBehindFrozenLayers(Net):
    def __init__(self):
        super().__init__()
        self.hidden.requires_grad_(False)
        self.adapter = nn.Linear(8, 8)

    def forward(self, inputs):
        hidden = self.hidden(inputs).relu()
        return self.out(checkpoint(self.adapter, hidden, use_reentrant=True))
