"""Bugs that the checks of suites/trainer/sequences.py are meant for."""

from functools import partial

from ...loops.sequences import AdoptedLanguageModel, LanguageModelTrainer
from ...seeding import adopted_bug

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
