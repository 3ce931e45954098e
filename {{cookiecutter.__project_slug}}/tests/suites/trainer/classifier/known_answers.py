# SPDX-License-Identifier: MIT
"""Properties of losses and metrics that show with known answers."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ...instruments.seeds import seeded
from ..exchanging import answering, own_logits
from ..marks import input_in
from ..observing import observed_steps
from .answers import Answers, answers, kind_of
from .contract import ClassifierTrainerContract

TOLERANCE = 1e-4  # of sums of ten losses in float32
BATCHES = (4, 4, 2)  # of the ten test samples


class KnownAnswerTests(ClassifierTrainerContract):
    """Tests with models that give known answers. Part of AbstractTestClassifierTrainer."""

    def test_evaluation_of_known_answers(self):
        """Loss and accuracy are right for answers that are all right, all wrong, or 7 of 10."""
        self.require_quiet_evaluation()
        labels = self.labels(self.probe_data().test_data)
        wrong = (labels + 1) % self.num_classes
        mixed = torch.where(torch.arange(10) < 7, labels, wrong)
        uniform = torch.zeros(10, self.num_classes)
        for name, logits, share in (
            ("the same logits for every class", uniform, None),
            ("10 of 10 right answers", answers(labels, self.num_classes), 1.0),
            ("10 of 10 wrong answers", answers(wrong, self.num_classes), 0.0),
            ("7 of 10 right answers", answers(mixed, self.num_classes), 0.7),
        ):
            with self.subTest(answers=name):
                self.check_evaluation(name, logits, labels, share)

    def check_evaluation(self, name: str, logits: Tensor, labels: Tensor, share: float | None):
        trainer = self.probe_trainer()
        self.require_marked(trainer)
        layer, found = self.answers_of(trainer, logits, "test_data")
        with answering(self.evaluated(trainer), layer, found):
            loss, accuracy = self.loss_of_evaluation(trainer), self.accuracy(trainer)
        if not found.seen:
            self.skipTest(
                "evaluate() does not call the model itself on inputs of the dataset. Set "
                "evaluated_model to the attribute of the trainer that it calls."
            )
        if loss is not None:
            self.check_loss_of_evaluation(name, loss, logits, labels)
        if accuracy is not None and share is not None:
            self.check_accuracy(name, accuracy, logits, labels, share)

    def check_loss_of_evaluation(self, name: str, loss: float, logits: Tensor, labels: Tensor):
        plain = F.cross_entropy(logits, labels, reduction="none")
        expected = [plain.mean().item(), self.reference_loss(logits, labels).item()]
        if any(near(loss, value) for value in expected):
            return
        means = [part.mean().item() for part in plain.split(4)]
        self.fail(
            f"With {name}, evaluate() gives a loss of {loss:.5g}; expected {expected[0]:.5g}.\n"
            + likely(
                loss,
                {
                    "Is it the mean of the means of batches of 4, 4 and 2?": sum(means) / 3,
                    "Is it that of the last batch?": means[-1],
                    "Is the last batch left out?": plain[:8].mean(),
                    "Is it a sum, which is not divided by the number of samples?": plain.sum(),
                    "Is the sum divided by the number of batches?": plain.sum() / 3,
                    "Is softmax applied before the cross-entropy?": F.cross_entropy(
                        logits.softmax(1), labels
                    ),
                },
                "Are logits and labels given to the loss as they are?",
            )
        )

    def check_accuracy(self, name: str, found: float, logits: Tensor, labels: Tensor, share: float):
        if near(found, share) or near(found, 100 * share):
            return
        right = (logits.argmax(1) == labels).float()
        means = [part.mean().item() for part in right.split(4)]
        self.fail(
            f"With {name} in batches of 4, 4 and 2, the accuracy is {found:.5g}; expected "
            f"{share:.5g}.\n"
            + likely(
                found if found <= 1 else found / 100,
                {
                    "Is it the mean of the means of batches of different size?": sum(means) / 3,
                    "Is it that of the last batch?": means[-1],
                    "Is the last batch left out?": right[:8].mean(),
                    "Is it divided by full batches?": right.sum() / 12,
                },
                "Is the class with the largest logit compared with the label?",
            )
        )

    def test_training_loss_of_known_answers(self):
        """The loss of a step is the declared one of logits and labels, for known logits."""
        trainer = self.probe_trainer(batch_size=11)
        self.require_marked(trainer)
        labels = self.labels(self.data_of(trainer).train_data)
        with seeded(0):
            logits = 2 * torch.randn(11, self.num_classes)
        losses, seen = self.first_losses(trainer, logits)
        logits, labels = (logits[seen], labels[seen]) if seen else (logits, labels)
        expected = self.reference_loss(logits, labels).item()
        # The sum over the batch has the same minimum; a part of several batches is divided again.
        if any(near(loss, expected) or near(loss, 11 * expected) for loss in losses):
            return
        if not seen:
            self.skipTest("Inputs are changed, perhaps mixed, so their labels are not known.")
        self.fail(
            f"For known logits of a batch the training loss is {losses[0]:.5g}; expected "
            f"{expected:.5g}, or 11 times that as a sum.\n" + self.cause(losses[0], logits, labels)
        )

    def first_losses(self, trainer, logits: Tensor) -> tuple[list[float], list[int]]:
        """What is back-propagated in the first step, and logged, where the model gives logits.

        With the indices of the samples in it, if known.
        """
        layer, found = self.answers_of(trainer, logits, "train_data")
        model = self.model_of(trainer)
        with answering(model, layer, found), observed_steps(self, trainer) as steps, seeded(0):
            self.train(trainer, 1)
        if not found.seen or not steps:
            self.skipTest("train() does not call the model itself on inputs of the dataset.")
        # Also each term that is logged: there may be others beside the one that is declared.
        logged = [entries[0] for entries in (self.logged(trainer) or {}).values() if entries]
        losses = [sum(steps[0].losses), *(float(value) for _, value in logged)]
        return losses, [] if found.changed else found.seen[:11]

    def cause(self, loss: float, logits: Tensor, labels: Tensor) -> str:
        """The usual slip that gives a loss, as a question."""
        count = self.num_classes

        def off_by(number: int) -> Tensor:
            return self.reference_loss(logits, (labels + number) % count)

        slips = {
            "Is softmax applied before the cross-entropy?": self.reference_loss(
                logits.softmax(1), labels
            ),
            "Is log_softmax missing before the likelihood?": F.nll_loss(logits, labels),
            "Are class weights or label smoothing declared, but not given to the loss?": (
                F.cross_entropy(logits, labels)
            ),
            "Are labels off by one?": off_by(1),
            "Are the labels one too large?": off_by(-1),
            "Is softmax taken over the batch?": F.nll_loss(logits.log_softmax(0), labels),
        }
        for smoothing in (0.05, 0.1, 0.2):
            value = F.cross_entropy(logits, labels, label_smoothing=smoothing)
            slips[f"Declare label_smoothing = {smoothing}."] = value
        slips["Is its sign wrong?"] = -self.reference_loss(logits, labels)
        return likely(loss, slips, "Do the labels belong to the inputs of the batch, in its order?")

    def test_ignored_labels_have_no_influence(self):
        """Samples with the declared ignore_index are not in the training loss."""
        if self.ignore_index is None:
            self.skipTest("No ignore_index is declared.")
        self.require_complete()
        trainer = self.probe_trainer(batch_size=11)
        self.require_marked(trainer)
        split = self.data_of(trainer).train_data
        split.real = [
            (input_in(split[i]), split[i][1] if i % 3 else self.ignore_index) for i in range(11)
        ]
        labels = self.labels(split)
        with seeded(0):
            logits = torch.randn(11, self.num_classes)
        (loss, *_), _ = self.first_losses(trainer, logits)
        expected = self.reference_loss(logits, labels).item()
        if not near(loss, expected):
            self.fail(
                f"With 4 of 11 labels {self.ignore_index}, the loss is {loss:.5g}; the mean over "
                f"the others is {expected:.5g}.\nIs ignore_index given to the loss, and is the "
                f"mean taken over the labels that count?"
            )

    def answers_of(self, trainer, logits: Tensor, split: str) -> tuple[nn.Module, Answers]:
        """The module in the place of whose output the logits are given, and how."""
        marks = getattr(self.data_of(trainer), split).marks
        model = self.model_of(trainer) if split == "train_data" else self.evaluated(trainer)
        outputs, layer = self.own_outputs(model)
        if layer is None:
            self.skipTest("The logits are no output of a layer, which others could replace.")
        return layer, Answers(model, logits, marks, split, kind_of(outputs))

    def own_outputs(self, model: nn.Module) -> tuple[Tensor, nn.Module | None]:
        """The logits (N, number of classes) of the first samples, and what computes them."""
        data = self.data_of(self.trainer).test_data
        inputs = torch.stack([input_in(data[i]) for i in range(min(4, len(data)))])
        outputs, layer = own_logits(model, inputs)
        if outputs is None:
            self.skipTest("The model returns no tensor of logits, nor anything of this name.")
        return outputs.float(), layer


def near(found: float, expected: float) -> bool:
    return math.isclose(found, expected, rel_tol=TOLERANCE, abs_tol=1e-6)


def likely(found: float, causes: dict, otherwise: str) -> str:
    """The question whose value was found."""
    return next((q for q, value in causes.items() if near(found, float(value))), otherwise)
