# SPDX-License-Identifier: MIT
"""Properties of choosing: the best weights are those of the best evaluation, and patience ends."""

import copy

import torch
from torch.optim import SGD

from ..instruments.copies import perturbed
from ..instruments.seeds import seeded
from .calls import Call, observed_calls
from .probing import TrainerProbe

SPOILT = -3.0  # the factor of weights that are no good any more


class SelectionTests(TrainerProbe):
    """Tests of best weights and of early stopping. Part of AbstractTestTrainer."""

    def test_best_weights_are_kept(self):
        """The best weights are those of the best evaluation, however the model goes on."""
        self.require_quiet_evaluation()
        trainer = self.probe_trainer()
        model = self.model_of(trainer)
        with seeded(0):
            good = self.train_and_spoil(trainer)
        best = self.best_weights(trainer)
        if best is None:
            self.skipTest("No weights are declared to be the best ones (best_weights).")
        best, sign = copy.deepcopy(best), 1 if self.lower_is_better else -1
        scores = []
        for weights in (good, best):
            model.load_state_dict(weights)
            scores.append(sign * self.score(trainer))
        # Of the same weights, if all is well.
        if not scores[1] <= scores[0] + 1e-6 * abs(scores[0]):
            self.fail(
                f"The best weights have an evaluation of {sign * scores[1]:.5g}; those of an "
                f"earlier epoch have {sign * scores[0]:.5g}.\nAre they kept by reference, so that "
                f"training goes on with them? state_dict() needs copy.deepcopy. Or is the wrong "
                f"epoch chosen?"
            )

    def train_and_spoil(self, trainer) -> dict:
        """Trains for two epochs, of which the second begins with weights that are no good.

        Returns the state dict after the first.
        """
        kept: list = []
        model = self.model_of(trainer)
        evaluated = spoilt_again = False

        def spoil(call: Call):
            nonlocal evaluated, spoilt_again
            evaluated = evaluated or not call.with_gradients
            begins = evaluated and call.with_gradients and not kept  # the second epoch
            ends = bool(kept) and not call.with_gradients and not spoilt_again
            if begins:
                kept.append(copy.deepcopy(model.state_dict()))
            if begins or ends:  # it may have learned to be better than it was
                spoilt_again = ends
                with torch.no_grad():
                    for parameter in model.parameters():
                        parameter.mul_(SPOILT)

        with observed_calls(model, before=spoil):
            self.train(trainer, 2)
        if not kept:
            self.skipTest("train() does not evaluate between its epochs.")
        return kept[0]

    def test_early_stopping_counts_right(self):
        """Training stops after so many epochs in a row without a better evaluation."""
        self.require_quiet_evaluation()
        if self.patience is None:
            self.skipTest("No early stopping is declared (patience).")
        trainer = self.probe_trainer(make_optimizer=standing_still)
        worst, middle, best = self.three_states(trainer)
        patience = self.patience
        states = [middle, *[worst] * (patience - 1), best, *[worst] * (patience + 5)]
        epochs = self.epochs_with_evaluations(trainer, states)
        expected = 2 * patience + 1
        if epochs != expected:
            self.fail(
                f"With a patience of {patience}, training ends after {epochs} epochs; expected "
                f"{expected}.\nThe evaluation gets worse {patience - 1} times, better once, and "
                f"then worse: is the count set back to 0 by what is better, and off by one?"
            )

    def three_states(self, trainer) -> list[dict]:
        """Weights from the worst to the best, by the trainer's own evaluation."""
        model = self.model_of(trainer)
        found = []
        for seed in range(3):
            state = copy.deepcopy((perturbed(model, seed=seed) if seed else model).state_dict())
            found.append(state)
        scores = []
        for state in found:
            model.load_state_dict(state)
            scores.append(self.score(trainer) * (-1 if self.lower_is_better else 1))
        if len(set(scores)) < 3:
            self.skipTest("Three models with different weights have the same evaluation.")
        return [found[scores.index(score)] for score in sorted(scores)]

    def epochs_with_evaluations(self, trainer, states: list[dict]) -> int:
        """The number of epochs until training ends, where each is evaluated with given weights."""
        model, training, count = self.model_of(trainer), False, 0

        def exchange(call: Call):
            nonlocal training, count
            if training and not call.with_gradients:
                count += 1
                model.load_state_dict(states[count - 1])
            training = call.with_gradients

        with observed_calls(model, before=exchange), seeded(0):
            self.train(trainer, len(states))
        return count


def standing_still(model) -> SGD:
    return SGD(model.parameters(), lr=0.0)
