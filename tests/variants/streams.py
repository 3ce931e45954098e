"""Correct but unusual loops over one stream of tokens, on which no check may fail."""

import math
import os

import torch
import torch.nn.functional as F
from suites import AbstractTestTrainer

from ..loops.word_language_model import BPTT, RATE, AdoptedWordLanguageModel, RNNModel
from ..subjects import set_up_adopted
from ..varying import mark


def save(self, trainer, path):
    temporary = path.with_suffix(".tmp")
    torch.save(trainer.model.state_dict(), temporary)
    os.replace(temporary, path)


def stream(make_model=RNNModel):
    """For a class with other hooks than those of the adopted loop."""

    def decorate(cls):
        own = {k: v for k, v in vars(cls).items() if not k.startswith("__")}

        def attributes_of(case) -> dict:
            hooks = {"save_checkpoint": save, "eval_tag": None, **own}
            set_up_adopted(case, AdoptedWordLanguageModel, **hooks)
            data = case.trainer.data
            return {"trainer": case.new_trainer(make_model(), data, batch_size=4)}

        return mark(cls, AbstractTestTrainer, attributes_of)

    return decorate


@stream()
class VaryingLengths:
    """The last batch may have a single token."""

    def train(self, trainer, epochs):
        for _ in range(epochs):
            train_in(trainer.model, trainer.streams[0], lambda: BPTT - int(torch.randint(4, ())))


@stream()
class OneTokenAtTheEnd:
    def train(self, trainer, epochs):
        for _ in range(epochs):
            train_in(trainer.model, trainer.streams[0], lambda: 13)


@stream()
class PerplexityIsEvaluated:
    def evaluate(self, trainer):
        return math.exp(AdoptedWordLanguageModel.evaluate(self, trainer))


class BatchFirst(RNNModel):
    def forward(self, tokens, hidden):
        return super().forward(tokens.t(), hidden)


@stream(BatchFirst)
class RowsOfTokens:
    """Time is the second axis."""

    def train(self, trainer, epochs):
        for _ in range(epochs):
            train_in(trainer.model, trainer.streams[0], lambda: BPTT, batch_first=True)

    def evaluate(self, trainer):
        model, source = trainer.model.eval(), trainer.streams[1]
        with torch.no_grad():
            output, _ = model(source[:-1].t(), model.init_hidden(source.shape[1]))
        return F.cross_entropy(output, source[1:].flatten()).item()


def train_in(model, source, length, batch_first=False):
    """One epoch in batches of these lengths."""
    model.train()
    hidden, i = model.init_hidden(source.shape[1]), 0
    while i < len(source) - 1:
        size = min(length(), len(source) - 1 - i)
        data, targets = source[i : i + size], source[i + 1 : i + 1 + size].flatten()
        model.zero_grad()
        hidden = tuple(state.detach() for state in hidden)
        output, hidden = model(data.t() if batch_first else data, hidden)
        F.cross_entropy(output, targets).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 0.25)
        for parameter in model.parameters():
            parameter.data.add_(parameter.grad, alpha=-RATE)
        i += size
