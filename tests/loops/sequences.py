"""A loop for a language model on padded sequences, correct, in parts that a bug can replace."""

from types import SimpleNamespace

import torch
import torch.nn.functional as F
from suites import AbstractTestTrainer
from torch import nn

from . import loaders

PADDING, TOKENS, LENGTH = 0, 9, 12


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(TOKENS, 16)
        self.rnn = nn.GRU(16, 24, batch_first=True)
        self.dropout = nn.Dropout(0.05)
        self.head = nn.Linear(24, TOKENS)

    def forward(self, tokens, state=None):
        hidden, state = self.rnn(self.embedding(tokens), state)
        return self.head(self.dropout(hidden)), state


class LanguageModelTrainer:
    def __init__(self, model, data, optimizer, batch_size, device="cpu"):
        self.model, self.device = model.to(device), device
        self.data = data
        self.optimizer = optimizer
        self.train_loader, self.test_loader = loaders(data, batch_size)
        self.losses: list[tuple[int, float]] = []

    def train(self, epochs):
        for _ in range(epochs):
            self.model.train()
            for tokens in self.train_loader:
                self.train_step(tokens.to(self.device))

    def train_step(self, tokens):
        self.optimizer.zero_grad()
        loss = self.loss(tokens)
        if not loss.isfinite():
            raise FloatingPointError(f"The loss is {loss.item()}.")
        loss.backward()
        self.optimizer.step()
        self.losses.append((len(self.losses), loss.item()))

    def loss(self, tokens):
        inputs, targets = self.split(tokens)
        logits, _ = self.model(inputs)
        return self.mean(logits, targets)

    def split(self, tokens):
        return tokens[:, :-1], tokens[:, 1:]

    def mean(self, logits, targets):
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=PADDING)

    def eval(self):
        """The mean loss of a token."""
        training = self.model.training
        self.model.eval()
        with torch.no_grad():
            found = self.mean_over_tokens([tokens.to(self.device) for tokens in self.test_loader])
        self.model.train(training)
        return found

    def mean_over_tokens(self, batches):
        sizes = [(tokens[:, 1:] != PADDING).sum().item() for tokens in batches]
        losses = [self.loss(tokens).item() for tokens in batches]
        return sum(n * loss for n, loss in zip(sizes, losses, strict=True)) / sum(sizes)


def sentences():
    """Counting upwards from anywhere, padded at the end."""
    rows = [torch.arange(i, i + LENGTH) % (TOKENS - 1) + 1 for i in range(8)]
    for i, row in enumerate(rows):
        row[LENGTH - i % 4 :] = PADDING
    return SimpleNamespace(train_data=rows, test_data=rows)


def adam(model):
    return torch.optim.Adam(model.parameters(), lr=1e-2)


class AdoptedLanguageModel(AbstractTestTrainer):
    loss_tags, eval_tag = ("train/loss",), None
    predicts_next_token = True
    cls: type = LanguageModelTrainer

    def new_trainer(self, model, data, *, batch_size, device="cpu", make_optimizer=adam):
        return self.cls(model, data, make_optimizer(model), batch_size, device)

    def weight_of(self, sample):
        return (sample[1:] != PADDING).sum().item()

    def logged(self, trainer):
        return {"train/loss": trainer.losses}

    def setUp(self):
        self.trainer = self.new_trainer(Model(), sentences(), batch_size=8)
