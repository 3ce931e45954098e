"""Properties of learning: the batch is learned, by all parameters, at the scheduled rate."""

import math
from unittest import mock

import torch
from torch import Tensor

from ..instruments.seeds import seeded
from .probe import AnsweringVAE, image_in


class LearningTests:
    """Tests of what training achieves. Part of AbstractTestTrainer."""

    def test_overfits_one_batch(self):
        """Training on one batch beats the best constant image by far."""
        constant = self.loss_of_best_constant_image()
        perfect = self.evaluate(AnsweringVAE(lambda x: x))  # of a cross-entropy, not zero
        lowest = perfect if 0 < perfect < constant else 0
        bound = lowest + self.overfit_factor * (constant - lowest)
        before = self.trainer.eval()
        self.record(self.trainer)  # in place of thousands of images in a file
        try:
            after = self.train_until(bound)
        except ArithmeticError as error:
            self.fail(
                f"{type(self.trainer).__name__} breaks off on one batch: {error}\nIs the loss "
                f"maximised, or the learning rate far too high?"
            )
        if after < bound:
            return
        self.fail(
            f"{type(self.trainer).__name__} has a test loss of {after:.4g} after "
            f"{self.overfit_epochs} epochs on one batch ({before:.4g} before); expected less than "
            f"{bound:.4g}.\nThe best constant image has {constant:.4g}: "
            f"{advice(after, before, constant)}"
        )

    def train_until(self, bound: float) -> float:
        """Trains until eval() falls below a bound or all epochs are over; returns its value."""
        with seeded(0):
            for _ in range(10):  # most are through long before the last round
                self.trainer.train(math.ceil(self.overfit_epochs / 10))
                loss = self.trainer.eval()
                if loss < bound:
                    break
        return loss

    def test_optimizer_holds_every_trainable_parameter(self):
        """The optimizer holds the parameters of this model, all but declared frozen ones."""
        held = {
            id(parameter)
            for group in self.trainer.optimizer.param_groups
            for parameter in group["params"]
        }
        named = dict(self.trainer.model.named_parameters())
        missing = [
            name
            for name, parameter in named.items()
            if parameter.requires_grad
            and id(parameter) not in held
            and not name.startswith(self.frozen_parameters)
        ]
        if len(missing) == len(named):
            self.fail(
                f"The optimizer holds none of the {len(named)} parameters of trainer.model.\nWas "
                f"it built from another model, or before this one was copied?"
            )
        if missing:
            self.fail(
                f"The optimizer does not hold {', '.join(missing[:3])} ({len(missing)} of "
                f"{len(named)} parameters).\nWas it built from a part of the model? Declare those "
                f"that are frozen on purpose as frozen_parameters."
            )

    def test_frozen_parameters_do_not_change(self):
        """Training changes some parameters, and none that are declared frozen."""
        before = {name: p.detach().clone() for name, p in self.trainer.model.named_parameters()}
        with seeded(0):
            self.trainer.train(3)  # of which the first may be one of a warm-up
        after = dict(self.trainer.model.named_parameters())
        changed = [name for name in after if not torch.equal(after[name], before[name])]
        if not changed:
            self.fail(
                "No parameter of trainer.model changed in three epochs.\nIs there a step at all, "
                "and does it reach this model?"
            )
        for name in changed:
            if name.startswith(self.frozen_parameters) or not after[name].requires_grad:
                self.fail(
                    f"{name} is frozen, but training changed it.\nDoes the optimizer hold it?"
                )

    def images(self) -> Tensor:
        """All images of the batch."""
        test_data = self.trainer.data.test_data
        return torch.stack([image_in(test_data[i]) for i in range(len(test_data))])

    def evaluate(self, model) -> float:
        """The trainer's own evaluation of another model."""
        with mock.patch.object(self.trainer, self.evaluated_model, model):
            return self.trainer.eval()

    def loss_of_best_constant_image(self) -> float:
        """The trainer's evaluation of a model that answers every input with one image.

        The mean image is best for squared error and for cross-entropy, the median for absolute
        error.
        """
        images = self.images()
        constants = images.mean(dim=0), images.median(dim=0).values
        return min(
            self.evaluate(AnsweringVAE(lambda x, image=image: image.to(x).expand_as(x)))
            for image in constants
        )


def advice(loss: float, before: float, constant: float) -> str:
    """What a loss after overfitting says about the cause."""
    if not loss < before:
        return "nothing was learned. Do the optimizer's steps reach this model, downhill?"
    if not loss < 2 * constant:
        return "learning is far too slow. Are learning rate, schedule and number of steps right?"
    if loss > 0.9 * constant:
        return (
            "the outputs do not follow the inputs. Are they compared with their own targets? Is "
            "the KL term far too strong, the learning rate too high, or zero_grad() missing?"
        )
    return "learning is slow. Are learning rate, weight decay and overfit_epochs right?"
