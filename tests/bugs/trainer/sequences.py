"""Bugs that the checks of suites/trainer/sequences.py are meant for."""

from functools import partial

import torch.nn.functional as F

from ...loops.min_gpt import GPT, AdoptedMinGPT
from ...loops.sequences import AdoptedLanguageModel, LanguageModelTrainer
from ...seeding import adopted_bug

KNOWN = "test_evaluation_of_known_tokens"
NEXT = "test_targets_are_the_next_tokens"
language_model_bug = partial(adopted_bug, AdoptedLanguageModel)


@language_model_bug(NEXT, r"knows every next token, and .*shifted by one")
class TargetsNotShifted(LanguageModelTrainer):
    """The loss falls to nothing: the model repeats what it sees."""

    def split(self, tokens):
        return tokens, tokens


@language_model_bug(NEXT, r"knows every next token, and .*shifted by one")
class TargetsShiftedBack(LanguageModelTrainer):
    def split(self, tokens):
        return tokens[:, 1:], tokens[:, :-1]


@language_model_bug(NEXT, r"knows every next token, and .*shifted by one")
class ShiftedTwice(LanguageModelTrainer):
    """Once by the dataset, and once more by the loss."""

    def split(self, tokens):
        return tokens[:, :-2], tokens[:, 2:]


@adopted_bug(AdoptedMinGPT, NEXT, r"knows every next token, and .*shifted by one")
class ShiftedByTheModelAgain(GPT):
    """The dataset has shifted the targets; the loss is computed in the model."""

    def forward(self, idx, targets=None):
        logits, _ = super().forward(idx)
        if targets is None:
            return logits, None
        return logits, F.cross_entropy(logits[:, :-1].flatten(0, 1), targets[:, 1:].flatten())


@language_model_bug(KNOWN, r"evaluate\(\) gives .* knows every next token.*and not once more")
class EvaluationShiftedTwice(LanguageModelTrainer):
    """In evaluation, each output is compared with the token after the next."""

    def mean(self, logits, targets):
        if self.model.training:
            return super().mean(logits, targets)
        return super().mean(logits[:, :-1], targets[:, 1:])
