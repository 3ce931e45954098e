# SPDX-License-Identifier: MIT
"""Properties of language models' trainers: what is predicted is the next token."""

import torch
from torch import Tensor, nn

from ..instruments.seeds import seeded
from .marks import Marks, input_in
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
        model.forward = KnownTokens(model, split.marks, split, offset)
        with observed_steps(self, trainer) as steps, seeded(0):
            self.train(trainer, 1)
        del model.forward
        if not steps:
            self.skipTest("train() takes no optimizer step on sequences of the suite.")
        return sum(steps[0].losses)


class KnownTokens:
    """Takes the place of forward(): the model's own outputs, raised at tokens of the sample."""

    def __init__(self, model: nn.Module, marks: Marks, split, offset: int):
        self.forward = model.forward
        self.marks = marks
        self.split = split
        self.offset = offset

    def __call__(self, tokens: Tensor, *arguments, **named):
        results = self.forward(tokens, *arguments, **named)
        outputs = results[0] if isinstance(results, tuple) else results
        indices = self.marks.samples(tokens, "train_data")
        if not indices or outputs.dim() != 3:
            return results
        logits = outputs * 0
        for row, index in enumerate(indices):
            whole = torch.cat([input_in(self.split[index]), tokens[row, -1:]])
            answers = whole[self.offset : self.offset + tokens.shape[1]]
            logits = logits + self.at(answers, row, outputs)
        return (logits, *results[1:]) if isinstance(results, tuple) else logits

    def at(self, answers: Tensor, row: int, outputs: Tensor) -> Tensor:
        raised = torch.zeros_like(outputs)
        places = torch.arange(len(answers))
        raised[row, places, answers] = CONFIDENCE
        return raised
