"""Losses of sequences and language models, with padding."""

import torch
import torch.nn.functional as F
from torch import nn

from ...loss_batches import sequences, tokens
from ...varying import loss, loss_case


@loss(tokens)
def masked_language_model(outputs, targets):
    return F.cross_entropy(outputs.flatten(0, 1), targets.flatten())


@loss(tokens)
def masked_language_model_by_sequence(outputs, targets):
    losses = F.cross_entropy(outputs.transpose(1, 2), targets, reduction="none")
    return (losses.sum(1) / (targets != -100).sum(1)).mean()


@loss(tokens, reduction="sum")
def sum_over_tokens(outputs, targets):
    return F.cross_entropy(outputs.transpose(1, 2), targets, reduction="sum")


@loss(lambda: {**next_tokens(), "perfect_outputs": 20 * F.one_hot(TOKENS.roll(-1, 1), 7).float()})
def next_token(outputs, targets):
    """Each output is compared with the token that follows."""
    return F.cross_entropy(outputs[:, :-1].flatten(0, 1), targets[:, 1:].flatten())


TOKENS = torch.tensor([[1, 4, 2, 6, 0], [3, 3, 5, 1, 2], [0, 6, 4, 4, 1], [2, 0, 1, 5, 3]])


def next_tokens() -> dict:
    return {"outputs": torch.randn(4, 5, 7), "targets": TOKENS}


@loss(sequences)
def masked_squared_error(outputs, targets):
    error = (outputs - targets["values"]).square() * targets["mask"]
    return error.sum() / targets["mask"].sum()


@loss(sequences, reduction="sum")
def masked_sum(outputs, targets):
    return (outputs - targets["values"])[targets["mask"]].square().sum()


@loss(sequences)
def masked_absolute_error_by_sequence(outputs, targets):
    error = (outputs - targets["values"]).abs().masked_fill(~targets["mask"], 0)
    return (error.sum(1) / targets["mask"].sum(1)).mean()


@loss_case
class CTC:
    """Time first; lengths are targets as well."""

    batch_axis = 1

    def call(self, loss, outputs, targets):
        return loss(outputs, *targets)

    def setUp(self):
        self.loss = nn.CTCLoss()
        self.outputs = torch.randn(9, 4, 5).log_softmax(-1)
        labels = torch.tensor([[1, 2, 3], [2, 2, 4], [4, 1, 1], [3, 3, 1]])
        self.targets = labels, torch.full((4,), 9), torch.tensor([3, 2, 3, 1])
