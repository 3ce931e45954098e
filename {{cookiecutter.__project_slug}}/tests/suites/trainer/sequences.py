# SPDX-License-Identifier: MIT
"""Properties of language models' trainers: what is predicted is the next token."""

from collections.abc import Iterator
from contextlib import contextmanager

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
# Label smoothing by 0.1 adds 2 to the loss of right answers, and those of repeated tokens have 14.
SMALL = 0.3


class SequenceTests(TrainerProbe):
    """Tests of what a sequence is compared with. Part of AbstractTestTrainer."""

    def test_targets_are_the_next_tokens(self):
        """The loss is small for a model that knows the next token, not for one that repeats."""
        self.require_next_tokens()
        known, repeated = (self.loss_of_answers(offset) for offset in (1, 0))
        if not known < min(repeated, LARGEST):
            self.fail(
                f"The loss is {known:.4g} for a model that knows every next token, and "
                f"{repeated:.4g} for one that repeats the present one.\nAre targets the inputs "
                f"shifted by one, tokens[:, 1:] for tokens[:, :-1]?"
            )

    def test_evaluation_of_known_tokens(self):
        """evaluate() finds a model that knows the next token right, not one that repeats."""
        self.require_next_tokens()
        self.require_quiet_evaluation()
        known, repeated = (self.evaluation_of_answers(offset) for offset in (1, 0))
        for name, value in known.items():
            other = repeated[name]
            small = value < SMALL * other  # a loss, or a perplexity
            right = value > other and any(abs(value - best) < 1e-3 * best for best in (1, 100))
            if not small and not right:
                self.fail(
                    f"evaluate() gives {f'{name} {value:.4g}'.strip()} for a model that knows "
                    f"every next token, and {other:.4g} for one that repeats the present one.\n"
                    f"Are targets shifted by one, and not once more where the dataset has done it?"
                )

    def require_next_tokens(self):
        self.require_complete()
        if not self.predicts_next_token:
            self.skipTest("The model is not declared to predict the next token.")

    def loss_of_answers(self, offset: int) -> float:
        """The training loss of a model that knows the tokens at this offset."""
        trainer = self.probe_trainer(noise=False)
        with (
            self.knowing(trainer, "train_data", offset) as answers,
            observed_steps(self, trainer) as steps,
            seeded(0),
        ):
            self.train(trainer, 1)
        if not steps or not answers.given:
            self.skipTest("train() takes no optimizer step on sequences of the suite.")
        return sum(steps[0].losses)

    def evaluation_of_answers(self, offset: int) -> dict[str, float]:
        """What evaluate() gives for a model that knows the tokens at this offset."""
        trainer = self.probe_trainer(noise=False)
        with self.knowing(trainer, "test_data", offset) as answers:
            found = self.numbers(trainer)
        if not answers.given:
            self.skipTest("evaluate() takes no logits of the model for sequences of the suite.")
        return found

    @contextmanager
    def knowing(self, trainer, split: str, offset: int) -> Iterator["KnownTokens"]:
        """Within it, the model of a trainer knows the tokens of a split."""
        self.require_marked(trainer)
        samples, model = getattr(self.data_of(trainer), split), self.evaluated(trainer)
        if samples.marks.tokens is None:
            self.skipTest("The inputs are no sequences of tokens.")
        if split == "train_data":
            model = self.model_of(trainer)
        logits, layer = own_logits(model, torch.stack([input_in(samples[i]) for i in range(2)]))
        if logits is None or logits.dim() != 3:
            self.skipTest("The model returns no logits (batch, length, tokens).")
        if layer is None:
            self.skipTest("The logits are no output of a layer, which others could replace.")
        answers = KnownTokens(samples, offset)
        with answering(model, layer, answers):
            yield answers


class KnownTokens:
    """Takes the place of logits: they are 0 for all but the tokens of a sample at an offset."""

    def __init__(self, split, offset: int):
        self.split = split
        self.offset = offset
        self.given = False

    def __call__(self, inputs, logits: Tensor) -> Tensor:
        for tokens in tensors_in(inputs):
            if indices := self.split.marks.samples(tokens, self.split.name):
                self.given = True
                return self.known(tokens, indices, logits)
        return logits

    def known(self, tokens: Tensor, indices: list[int], logits: Tensor) -> Tensor:
        known = logits * 0
        for row, index in enumerate(indices):
            answers = whole(self.split[index])[self.offset : self.offset + tokens.shape[1]]
            known = known + self.at(answers, row, logits)
        return known

    def at(self, answers: Tensor, row: int, logits: Tensor) -> Tensor:
        raised = torch.zeros_like(logits)
        places = (answers >= 0).nonzero().flatten()  # negative ones stand for no answer
        raised[row, places, answers[places]] = CONFIDENCE
        return raised


def whole(sample) -> Tensor:
    """All tokens of a sample: with the last target, where a dataset has shifted them."""
    tokens = input_in(sample)
    target = sample[1] if isinstance(sample, tuple | list) and len(sample) == 2 else tokens
    if isinstance(target, Tensor) and target.shape == tokens.shape:
        return torch.cat([tokens, target[-1:]])
    return torch.cat([tokens, tokens[-1:]])
