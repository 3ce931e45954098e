"""A recurrent language model on one long stream of tokens, with steps written out by hand.

In the style of pytorch/examples' word_language_model.
"""

from types import SimpleNamespace

import torch
import torch.nn.functional as F
from suites import AbstractTestTrainer
from torch import nn

BPTT, TOKENS, CLIP, RATE = 5, 12, 0.25, 5.0


class RNNModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Embedding(TOKENS, 16)
        self.drop = nn.Dropout(0.1)
        self.rnn = nn.LSTM(16, 16)
        self.decoder = nn.Linear(16, TOKENS)

    def forward(self, tokens, hidden):
        output, hidden = self.rnn(self.drop(self.encoder(tokens)), hidden)
        return self.decoder(self.drop(output)).view(-1, TOKENS), hidden

    def init_hidden(self, size):
        weight = next(self.parameters())
        return weight.new_zeros(1, size, 16), weight.new_zeros(1, size, 16)


def batchify(data, size):
    """A stream of tokens as `size` columns."""
    rows = len(data) // size
    return data[: rows * size].view(size, -1).t().contiguous()


def get_batch(source, i):
    length = min(BPTT, len(source) - 1 - i)
    return source[i : i + length], source[i + 1 : i + 1 + length].reshape(-1)


def train(model, source):
    model.train()
    hidden = model.init_hidden(source.shape[1])
    for i in range(0, len(source) - 1, BPTT):
        data, targets = get_batch(source, i)
        model.zero_grad()
        hidden = tuple(state.detach() for state in hidden)
        output, hidden = model(data, hidden)
        F.cross_entropy(output, targets).backward()
        nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        for parameter in model.parameters():
            parameter.data.add_(parameter.grad, alpha=-RATE)


def evaluate(model, source):
    model.eval()
    hidden, total = model.init_hidden(source.shape[1]), 0.0
    with torch.no_grad():
        for i in range(0, len(source) - 1, BPTT):
            data, targets = get_batch(source, i)
            output, hidden = model(data, hidden)
            total += len(data) * F.cross_entropy(output, targets).item()
    return total / (len(source) - 1)


class AdoptedWordLanguageModel(AbstractTestTrainer):
    loss_tags, loss_tag, eval_tag = (), None, "valid"  # it prints that after each epoch
    leaves_eval_mode, non_finite = True, None  # it never looks
    overfit_factor = 0.8  # of 60 random words
    resumes = False  # it saves the weights

    def new_trainer(self, model, data, *, batch_size, device="cpu"):
        splits = data.train_data, data.test_data
        return SimpleNamespace(
            model=model.to(device), data=data, losses=[],
            streams=[batchify(split, batch_size).to(device) for split in splits],
            save=lambda path: torch.save(model.state_dict(), path),
            load=lambda path: model.load_state_dict(torch.load(path)),
        )  # fmt: skip

    def train(self, trainer, epochs):
        for _ in range(epochs):
            train(trainer.model, trainer.streams[0])
            trainer.losses.append((len(trainer.losses), self.evaluate(trainer)))

    def logged(self, trainer):
        return {"valid": trainer.losses}

    def evaluate(self, trainer):
        return evaluate(trainer.model, trainer.streams[1])

    def setUp(self):
        words = torch.randint(TOKENS, (60,), generator=torch.Generator().manual_seed(0))
        data = SimpleNamespace(train_data=words, test_data=words)
        self.trainer = self.new_trainer(RNNModel(), data, batch_size=4)
