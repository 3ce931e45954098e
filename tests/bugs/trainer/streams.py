"""Bugs that the checks of suites/trainer/streams.py are meant for."""

from functools import partial
from types import SimpleNamespace

import torch
import torch.nn.functional as F

from ...loops.word_language_model import (
    BPTT,
    RATE,
    AdoptedWordLanguageModel,
    batchify,
    evaluate,
    get_batch,
    train,
)  # fmt: skip
from ...seeding import hook_bug

stream_bug = partial(hook_bug, AdoptedWordLanguageModel)


@stream_bug(
    "new_trainer", "test_columns_of_a_stream_go_on", r"In batch 1, the columns begin at .*view\("
)
def laid_out_in_rows(self, model, data, *, batch_size):
    def rows(stream):
        return stream[: len(stream) // batch_size * batch_size].view(-1, batch_size)

    streams = rows(data.train_data), batchify(data.test_data, batch_size)
    return SimpleNamespace(model=model, data=data, streams=streams, losses=[])


@stream_bug("train", "test_columns_of_a_stream_go_on", r"An epoch reads 7 of the 15 tokens")
def only_the_first_batches(self, trainer, epochs):
    for _ in range(epochs):
        train(trainer.model, trainer.streams[0][: BPTT + 3])


def train_with_states(trainer, next_state, **settings):
    model, source = trainer.model, trainer.streams[0]
    model.train()
    hidden = first = model.init_hidden(source.shape[1])
    for i in range(0, len(source) - 1, BPTT):
        data, targets = get_batch(source, i)
        model.zero_grad()
        output, hidden = model(data, next_state(hidden, first))
        F.cross_entropy(output, targets).backward(**settings)
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.data.add_(parameter.grad, alpha=-RATE / 10)


@stream_bug("train", "test_the_state_is_carried_on", r"that of batch 0.*initialised anew")
def begins_with_zeros(self, trainer, epochs):
    for _ in range(epochs):
        train_with_states(trainer, lambda hidden, first: first)


@stream_bug("train", "test_the_state_is_carried_on", r"batch 1 has a graph.*detach\(\) missing")
def goes_back_to_the_first_batch(self, trainer, epochs):
    for _ in range(epochs):
        train_with_states(trainer, lambda hidden, first: hidden, retain_graph=True)


@stream_bug(
    "evaluate", "test_evaluation_of_equal_probabilities", r"12 tokens the same .*ln 12.*is shorter"
)
def divided_by_the_rows(self, trainer):
    test = trainer.streams[1]
    return evaluate(trainer.model, test) * (len(test) - 1) / len(test)
