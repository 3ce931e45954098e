# SPDX-License-Identifier: MIT
"""What a test case of a trainer sets and declares, and the hooks by which the suite uses it."""

from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from ..contract import Required, Suite
from .recorder import Recorder


class TrainerContract(Suite):
    """Attributes and hooks of AbstractTestTrainer."""

    trainer: Any = Required(
        "a trainer on one batch that is both its train_data and its test_data, which new_trainer "
        "has built"
    )
    # new_trainer(model, data, *, batch_size, device, make_optimizer, make_scheduler, **settings)
    # builds another one. Leave out the keywords that yours does not know: checks of them skip.
    new_trainer: Any = Required(
        "the function that builds your trainer, of (model, data, *, batch_size, ...): a method of "
        "the test case, which setUp uses as well"
    )

    # Tags of what is logged with every step, and of the loss that is minimised among it.
    loss_tags: tuple[str, ...] = ("train/loss",)
    loss_tag: str | None = "train/loss"
    # Tag of what evaluate() returns; None where it is not logged. Whether the steps of it count
    # by "epoch" or by "step".
    eval_tag: str | None = "test/loss"
    eval_step = "epoch"
    steps_between_logs = 1
    # How far a loss may be from what it should be, relatively: more for a lower precision.
    loss_tolerance = 1e-4
    # What a loss that is not finite does: "raise" an error, "stop" the training, or nothing, None.
    non_finite: str | None = "raise"
    # Whether evaluate() draws random numbers on purpose, and whether it leaves the model in
    # evaluation mode, for train() to switch it back.
    noisy_evaluation = False
    leaves_eval_mode = False
    # Whether the trainer picks its device itself.
    chooses_device = False
    # Whether a checkpoint takes effect on "load", or in the "next_train"; and whether it holds the
    # states of the random generators, so that a run goes on bit for bit.
    restores_at = "load"
    restores_random_state = True
    # Whether training goes on from a checkpoint; False where it has the weights only, to be used.
    resumes = True
    # The precisions to check, as new_trainer(precision=...) takes them; None: as it builds.
    precisions: tuple[str, ...] | None = None
    # The attribute of the trainer that is evaluated: another one where averaged weights are a
    # model of their own.
    evaluated_model = "model"
    # Names of parameters, or their beginnings, that this trainer leaves as they are on purpose.
    frozen_parameters: tuple[str, ...] = ()
    # Patterns of the names of parameters that must not decay; all others must, if any is given.
    no_decay: tuple[str, ...] = ()
    # Whether every epoch has all training samples, as it has not with a weighted sampler, and
    # whether a last batch that is not full is left out.
    samples_without_replacement = True
    drops_last_batch = False
    # A split that train() never reads: not for early stopping, nor to pick the best weights.
    unused_split: str | None = None
    # Whether train() ends after a step where stop_requested is set, to be resumed from there.
    stops_within_epochs = True
    # Whether the trainer works in several processes, with a batch size for all of them together.
    distributed = False
    # Whether a scheduler is stepped after every "epoch" or every "step".
    scheduler_interval = "epoch"
    # Which optimizer may change which networks; None where there is but one of each. And how many
    # backward passes make up a step of each; those that are not named: all since the last step.
    updates: dict[str, tuple[str, ...]] | None = None
    passes: dict[str, int] = {}
    # The factor of the old averaged weights (averaged_model) in their update after each step; None
    # where it changes, or they are updated at other times. Whether evaluate() takes them.
    average_decay: float | None = None
    evaluates_average = False
    # The epochs without a better evaluation after which train() stops, and which is better.
    patience: int | None = None
    lower_is_better = True
    # Tag of the mean training loss of an epoch, if it is logged.
    epoch_loss_tag: str | None = None
    # Whether the loss that is minimised is the sum over a batch, and not its mean.
    minimises_sum = False
    # Whether the model is one of language, whose targets are the next tokens.
    predicts_next_token = False
    # Epochs of one step each within which the trainer must overfit the batch, and to which part of
    # the loss it begins with.
    overfit_epochs = 150
    overfit_factor = 0.5

    def step_tags(self) -> tuple[str, ...]:
        """The tags of all that is logged with every step."""
        return self.loss_tags

    def train(self, trainer, epochs: int):
        """Trains for so many more epochs."""
        trainer.train(epochs)

    def evaluate(self, trainer) -> float | dict:
        """What an evaluation comes to: a number, or several by name."""
        return trainer.eval()

    def generate(self, trainer, n: int):
        """n generated samples."""
        return trainer.generate(n)

    def save_checkpoint(self, trainer, path):
        """How a trainer writes a checkpoint: a file or a folder."""
        trainer.save(path)

    def load_checkpoint(self, trainer, path):
        """How a trainer goes on from a checkpoint."""
        trainer.load(path)

    def model_of(self, trainer) -> nn.Module:
        """The model that is trained; of several networks, a module that holds them all."""
        return trainer.model

    def data_of(self, trainer):
        """An object with the datasets train_data and test_data."""
        return trainer.data

    def networks(self, trainer) -> dict[str, nn.Module]:
        """The networks that are trained, by name."""
        return {"model": self.model_of(trainer)}

    def optimizers(self, trainer) -> dict[str, Optimizer]:
        """The optimizers, by name: those that are attributes of the trainer.

        One that exists only within train() is met there; of one in a wrapper, which takes its
        steps, the inner one is meant.
        """
        found = {k: v for k, v in vars(trainer).items() if isinstance(v, Optimizer)}
        return {name: unwrapped(optimizer) for name, optimizer in found.items()}

    def schedulers(self, trainer) -> dict[str, Any]:
        """The schedulers, by name: those that are attributes of the trainer."""
        found = {k: v for k, v in vars(trainer).items() if isinstance(v, LRScheduler)}
        own = getattr(trainer, "scheduler", None)  # which may be of another kind
        return found if own is None else {"scheduler": own, **found}

    def averaged_model(self, trainer) -> nn.Module | None:
        """The model of averaged weights (EMA), or None."""
        return None

    def weight_of(self, sample) -> float:
        """How much a sample counts in the mean loss of a batch: of a sequence, its tokens."""
        return 1.0

    def score(self, trainer) -> float:
        """The number among those of evaluate(trainer) by which the best weights are chosen."""
        numbers = self.numbers(trainer)
        return next((v for k, v in numbers.items() if "loss" in k), next(iter(numbers.values())))

    def best_weights(self, trainer) -> dict[str, torch.Tensor] | None:
        """The state dict of the best evaluation so far, or None."""
        return None

    def logged(self, trainer) -> dict[str, list[tuple[int, float]]] | None:
        """What was logged: by tag, the steps and values. None where nothing is."""
        summary = getattr(trainer, "summary", None)
        return summary.scalars() if isinstance(summary, Recorder) else None

    def numbers(self, trainer) -> dict[str, float]:
        """What evaluate(trainer) returns, as numbers by name."""
        found = self.evaluate(trainer)
        if not isinstance(found, dict):
            found = {"": found}
        numbers = {name: float(value) for name, value in found.items() if is_number(value)}
        if not numbers:
            self.skipTest(
                "evaluate() returns no number. Override evaluate(trainer) to return what it finds."
            )
        return numbers


def is_number(value) -> bool:
    return isinstance(value, int | float) or (
        isinstance(value, torch.Tensor) and value.numel() == 1
    )


def unwrapped(optimizer: Optimizer) -> Optimizer:
    """The optimizer that a wrapper of optimizers holds, as Accelerate's does."""
    inner = getattr(optimizer, "optimizer", None)
    return inner if isinstance(inner, Optimizer) else optimizer
