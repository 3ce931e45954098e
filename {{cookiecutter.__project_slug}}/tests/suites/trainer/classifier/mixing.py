# SPDX-License-Identifier: MIT
"""Properties of inputs that are mixed of two samples, as mixup and CutMix do."""

import torch
from torch import Tensor, nn

from ...instruments.calls import tensors_in
from ...instruments.seeds import seeded
from ..exchanging import other_forward
from ..marks import input_in, with_input, with_splits
from ..observing import observed_steps
from .known_answers import KnownAnswerTests, near

EPOCHS = 8
MIXED = 0.02  # the least share of the second sample that counts as mixed


class MixingTests(KnownAnswerTests):
    """Tests of mixed inputs. Part of AbstractTestClassifierTrainer."""

    def test_mixed_inputs_have_mixed_labels(self):
        """Where inputs are mixed of two samples, the loss is that of both labels in these shares.

        See Zhang et al., "mixup" (2018), and Yun et al., "CutMix" (2019).
        """
        self.require_complete()
        if self.class_weights is not None:
            self.skipTest("With class weights, the loss of mixed labels is not a mean.")
        pair = self.two_samples()
        shares, losses, logits = self.steps_on(pair)
        for rows, loss in zip(shares, losses, strict=True):
            if rows is None or not bool(((rows > MIXED) & (rows < 1 - MIXED)).any()):
                continue
            expected = self.loss_of_mixed(logits, rows, [self.target_of(s) for s in pair])
            if not near(loss, expected) and not near(loss, 2 * expected):
                self.fail(
                    f"Where two samples are mixed {1 - rows[0]:.2f} to {rows[0]:.2f}, the loss is "
                    f"{loss:.5g}; that of both labels in the same shares is {expected:.5g}.\nAre "
                    f"the labels, or the losses of both, mixed as the inputs are?"
                )
            return
        self.skipTest("The inputs are not mixed of two samples.")

    def two_samples(self) -> list:
        """Two training samples with different labels."""
        data = self.probe_data()
        if getattr(getattr(data.train_data, "marks", None), "tokens", ()) is not None:
            self.skipTest("The inputs are not such that their shares in a mixture can be told.")
        labels = self.labels(data.train_data)
        other = next((i for i in range(len(labels)) if labels[i] != labels[0]), None)
        if other is None or not self.samples_without_replacement:
            self.skipTest("There are no two samples of different labels, each in every epoch.")
        pair = data.train_data[0], data.train_data[other]
        # Of one colour, so that a part of one has the same mean as all of it.
        plain = (torch.full_like(x, x.mean().item()) for x in map(input_in, pair))
        return [with_input(sample, x) for sample, x in zip(pair, plain, strict=True)]

    def steps_on(self, pair: list) -> tuple[list[Tensor | None], list[float], Tensor]:
        """The shares of the second sample in each batch, its loss, and the logits it was given."""
        data = with_splits(self.probe_data(), train_data=pair, test_data=pair)
        size = len(pair) + (not self.drops_last_batch)
        trainer = self.probe_trainer(data=data, batch_size=size)
        model = self.model_of(trainer)
        if self.own_outputs(model)[1] is not model:
            self.skipTest("The model returns more than its logits.")
        with seeded(0):
            logits = 2 * torch.randn(2, self.num_classes)
        found = Mixtures(model, [input_in(sample) for sample in pair], logits)
        with (
            other_forward(model, lambda _: found),
            observed_steps(self, trainer) as steps,
            seeded(0),
        ):
            self.train(trainer, EPOCHS)
        if len(found.shares) != len(steps):
            self.skipTest("train() does not call the model once for each step.")
        return found.shares, [sum(step.losses) for step in steps], logits

    def loss_of_mixed(self, logits: Tensor, shares: Tensor, labels: list[int]) -> float:
        rows = [
            (1 - share) * self.reference_loss(row[None], torch.tensor(labels[:1]))
            + share * self.reference_loss(row[None], torch.tensor(labels[1:]))
            for row, share in zip(logits, shares, strict=True)
        ]
        return float(sum(rows)) / len(rows)


class Mixtures:
    """Takes the place of forward(): fixed logits, while it notes what the inputs are mixed of."""

    def __init__(self, model: nn.Module, pair: list[Tensor], logits: Tensor):
        self.parameters = [p for p in model.parameters() if p.requires_grad]
        self.forward = model.forward
        self.values = [x.double().mean() for x in pair]
        self.logits = logits
        self.shares: list[Tensor | None] = []

    def __call__(self, *arguments, **named) -> Tensor:
        if not torch.is_grad_enabled():
            return self.forward(*arguments, **named)
        inputs = next(x for x in tensors_in([arguments, named]) if x.is_floating_point())
        self.shares.append(self.shares_in(inputs))
        zero = 0 * sum(parameter.sum() for parameter in self.parameters)
        return self.logits[: len(inputs)] + zero

    def shares_in(self, inputs: Tensor) -> Tensor | None:
        """The shares of the second sample; None where something else was done to the inputs."""
        first, second = self.values
        shares = (inputs.double().flatten(1).mean(dim=1) - first) / (second - first)
        # Both samples are once in the batch, however they are distributed over its rows.
        return shares if len(shares) == 2 and abs(shares.sum() - 1) < 1e-3 else None
