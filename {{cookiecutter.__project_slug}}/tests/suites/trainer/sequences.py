# SPDX-License-Identifier: MIT
"""Properties of language models' trainers: what is predicted is the next token."""

import torch
from torch import Tensor

from ..instruments.calls import tensors_in
from ..instruments.seeds import seeded
from .exchanging import answering, own_logits
from .marks import input_in
from .observing import observed_steps
from .probing import TrainerProbe

CONFIDENCE = 20.0  # the logit of a token that is known
# A loss of right answers is all but 0; every token that is none adds 20 divided by their number,
# and the last one of a sequence has no next one.
LARGEST = 0.4 * CONFIDENCE


class SequenceTests(TrainerProbe):
    """Tests of what a sequence is compared with. Part of AbstractTestTrainer."""

    def test_targets_are_the_next_tokens(self):
        """The loss is small for a model that knows the next token, not for one that repeats."""
        self.require_complete()
        if not self.predicts_next_token:
            self.skipTest("The model is not declared to predict the next token.")
        known, repeated = (self.loss_of_answers(offset) for offset in (1, 0))
        if not known < min(repeated, LARGEST):
            self.fail(
                f"The loss is {known:.4g} for a model that knows every next token, and "
                f"{repeated:.4g} for one that repeats the present one.\nAre targets the inputs "
                f"shifted by one, tokens[:, 1:] for tokens[:, :-1]?"
            )

    def loss_of_answers(self, offset: int) -> float:
        """The training loss of a model that knows the tokens at this offset."""
        trainer = self.probe_trainer(noise=False)
        self.require_marked(trainer)
        split, model = self.data_of(trainer).train_data, self.model_of(trainer)
        if split.marks.tokens is None:
            self.skipTest("The inputs are no sequences of tokens.")
        logits, layer = own_logits(model, torch.stack([input_in(split[i]) for i in range(2)]))
        if logits is None or logits.dim() != 3:
            self.skipTest("The model returns no logits (batch, length, tokens).")
        if layer is None:
            self.skipTest("The logits are no output of a layer, which others could replace.")
        with (
            answering(model, layer, KnownTokens(split, offset)),
            observed_steps(self, trainer) as steps,
            seeded(0),
        ):
            self.train(trainer, 1)
        if not steps:
            self.skipTest("train() takes no optimizer step on sequences of the suite.")
        return sum(steps[0].losses)


class KnownTokens:
    """Takes the place of logits: they are 0 for all but the tokens of a sample at an offset."""

    def __init__(self, split, offset: int):
        self.split = split
        self.offset = offset

    def __call__(self, inputs, logits: Tensor) -> Tensor:
        for tokens in tensors_in(inputs):
            if indices := self.split.marks.samples(tokens, "train_data"):
                return self.known(tokens, indices, logits)
        return logits

    def known(self, tokens: Tensor, indices: list[int], logits: Tensor) -> Tensor:
        known = logits * 0
        for row, index in enumerate(indices):
            whole = torch.cat([input_in(self.split[index]), tokens[row, -1:]])
            answers = whole[self.offset : self.offset + tokens.shape[1]]
            known = known + self.at(answers, row, logits)
        return known

    def at(self, answers: Tensor, row: int, logits: Tensor) -> Tensor:
        raised = torch.zeros_like(logits)
        places = torch.arange(len(answers))
        raised[row, places, answers] = CONFIDENCE
        return raised
