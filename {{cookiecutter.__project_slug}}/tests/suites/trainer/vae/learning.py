# SPDX-License-Identifier: MIT
"""Properties of learning that show in images: more than the best constant one is learned."""

import math

import torch
from torch import Tensor

from ...instruments.seeds import seeded
from ..recorder import swapped
from .contract import VAETrainerContract
from .probe import AnsweringVAE, image_in

ROUNDS = 30  # of training and looking: most are through long before the last one


class VAELearningTests(VAETrainerContract):
    """Tests of what training a VAE achieves. Part of AbstractTestVAETrainer."""

    def test_overfits_one_batch(self):
        """Training on one batch beats the best constant image by far."""
        self.require_evaluation()
        constant = self.loss_of_best_constant_image()
        perfect = self.evaluation_of(AnsweringVAE(lambda x: x))  # of a cross-entropy, not zero
        lowest = perfect if 0 < perfect < constant else 0
        bound = lowest + self.overfit_factor * (constant - lowest)
        before = self.score(self.trainer)
        self.record(self.trainer)  # in place of thousands of images in a file
        try:
            after = self.train_until_below(bound)
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

    def train_until_below(self, bound: float) -> float:
        """Trains until the evaluation falls below a bound, or to the last epoch; returns it."""
        with seeded(0):
            for _ in range(ROUNDS):
                self.train(self.trainer, math.ceil(self.overfit_epochs / ROUNDS))
                loss = self.score(self.trainer)
                if loss < bound:
                    break
        return loss

    def images(self) -> Tensor:
        """All images of the batch."""
        test_data = self.data_of(self.trainer).test_data
        return torch.stack([image_in(test_data[i]) for i in range(len(test_data))])

    def evaluation_of(self, model: AnsweringVAE) -> float:
        """The trainer's own evaluation of another model."""
        vars(model)["owners"] = self.evaluated(self.trainer)
        with swapped(self.trainer, self.evaluated_model, model):
            return self.score(self.trainer)

    def loss_of_best_constant_image(self) -> float:
        """The trainer's evaluation of a model that answers every input with one image.

        The mean image is best for squared error and for cross-entropy, the median for absolute
        error.
        """
        images = self.images()
        constants = images.mean(dim=0), images.median(dim=0).values
        return min(
            self.evaluation_of(AnsweringVAE(lambda x, image=image: image.to(x).expand_as(x)))
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
