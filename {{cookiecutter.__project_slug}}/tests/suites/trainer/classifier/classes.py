# SPDX-License-Identifier: MIT
"""Properties of classes: an output for each, chance at the start, and equal shares if declared."""

import math

from ...instruments.seeds import seeded
from ..marks import MarkedSplit, with_splits
from .known_answers import KnownAnswerTests

# Of 200 samples drawn with balance, the rarer of two classes has 100, with a standard deviation of
# 7: five of them are exceeded once in 2e6 times.
EPOCHS, SIZE, MARGIN = 10, 20, 35


class ClassTests(KnownAnswerTests):
    """Tests of what belongs to classes. Part of AbstractTestClassifierTrainer."""

    def test_one_output_per_class(self):
        """The model has an output for each class, and each label is one of them."""
        self.require_complete()
        outputs = self.own_outputs(self.probe_model())
        if outputs.dim() != 2 or outputs.shape[1] != self.num_classes:
            self.fail(
                f"The model gives outputs of shape {tuple(outputs.shape)} for 4 samples; expected "
                f"(4, {self.num_classes}), one for each class.\nWith a single output, softmax is "
                f"always 1 and the loss 0."
            )
        data = self.data_of(self.trainer)
        for split in ("train_data", "test_data"):
            labels = self.labels(getattr(data, split))
            if not bool(((labels >= 0) & (labels < self.num_classes)).all()):
                self.fail(
                    f"{split} has labels from {labels.min()} to {labels.max()}; expected 0 to "
                    f"{self.num_classes - 1}.\nDo they begin with 1?"
                )

    def test_a_new_model_is_at_chance(self):
        """The loss of a new model is near ln(num_classes), that of equal probabilities."""
        self.require_quiet_evaluation()
        if not self.starts_at_chance:
            self.skipTest("The model is declared to know something to begin with.")
        loss = self.loss_of_evaluation(self.trainer)
        if loss is None:
            self.skipTest("evaluate() gives no loss.")
        chance = math.log(self.num_classes)
        # Logits with a standard deviation of s add about s^2 / 2 to the loss at chance; half of it
        # is more than a model can know that has seen no label.
        if not chance / 2 < loss < 2 * chance + 1:
            self.fail(
                f"A new model has a loss of {loss:.4g}; that of equal probabilities is "
                f"{chance:.4g}.\nIs the loss another one, or summed? Are the logits of the new "
                f"model far too large?"
            )

    def test_sampler_balances_the_classes(self):
        """Two classes of which one is nine times as frequent are drawn equally often."""
        if not self.balances_classes:
            self.skipTest("No sampler is declared to balance the classes (balances_classes).")
        self.require_complete()
        data = self.probe_data()
        labels = self.labels(data.train_data)
        other = next((i for i in range(len(labels)) if labels[i] != labels[0]), None)
        if other is None:
            self.skipTest("All training samples of setUp have the same label.")
        real = data.train_data.real
        samples = [real[0]] * 9 + [real[other % len(real)]]
        split = MarkedSplit("train_data", samples, data.train_data.marks, SIZE)
        trainer = self.probe_trainer(data=with_splits(data, train_data=split), batch_size=5)
        with self.observed(trainer) as calls, seeded(0):
            self.train(trainer, EPOCHS)
        drawn: list[int] = sum(self.training_batches(trainer, calls), [])
        rare = sum(index % 10 == 9 for index in drawn)
        if not abs(rare - len(drawn) / 2) <= MARGIN:
            self.fail(
                f"Of {len(drawn)} samples drawn from two classes, 9 to 1 in number, {rare} are of "
                f"the rare one; expected half.\nAre the weights those of samples, each one over "
                f"the size of its class?"
            )
