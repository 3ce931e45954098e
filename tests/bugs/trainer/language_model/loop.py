"""Bugs in the loop of a language model that the checks of any trainer are meant for."""

from functools import partial

from torch import nn

from ....loops.sequences import AdoptedLanguageModel, LanguageModelTrainer
from ....seeding import adopted_bug

GRADIENT = "test_steps_follow_the_gradient_of_the_loss"
language_model_bug = partial(adopted_bug, AdoptedLanguageModel)


@language_model_bug("test_evaluation_is_deterministic", r"batch size of 4 and .* with 10.*mean of")
class MeanOfMeansOfBatches(LanguageModelTrainer):
    """Batches have different numbers of tokens."""

    def mean_over_tokens(self, batches):
        return sum(self.loss(tokens).item() for tokens in batches) / len(batches)


@language_model_bug("test_evaluation_is_deterministic", r"eval\(\) returns .*, and then")
class StateCarriedOver(LanguageModelTrainer):
    """From one evaluation to the next."""

    state = None

    def loss(self, tokens):
        inputs, targets = self.split(tokens)
        if self.model.training:
            return super().loss(tokens)
        state = None if self.state is None else self.state.mean(1, keepdim=True)
        state = state if state is None else state.repeat(1, len(tokens), 1)
        logits, self.state = self.model(inputs, state)
        return self.mean(logits, targets)


@language_model_bug(GRADIENT, r"In step 0, the gradients are zero")
class GradientsClearedBeforeTheStep(LanguageModelTrainer):
    def train_step(self, tokens):
        loss = self.loss(tokens)
        loss.backward()
        self.optimizer.zero_grad(set_to_none=False)
        self.optimizer.step()
        self.losses.append((len(self.losses), loss.item()))


@language_model_bug(GRADIENT, r"In step 0, .*gradients changed by hand")
class EmbeddingsClippedByThemselves(LanguageModelTrainer):
    def __init__(self, model, *arguments, **settings):
        super().__init__(model, *arguments, **settings)
        step = self.optimizer.step

        def clipped_step():
            nn.utils.clip_grad_norm_([model.embedding.weight], 1e-3)
            step()

        self.optimizer.step = clipped_step
