"""Models of tokens: how they are embedded, and tables whose gradients are meant to differ."""

import torch
from torch import nn

from ...varying import model


class SequenceFirstInside(nn.Module):
    """Tokens (batch, sequence) are turned before they are embedded, as in XLNet."""

    def __init__(self):
        super().__init__()
        self.embedding, self.out = nn.Embedding(11, 6), nn.Linear(6, 4)

    def forward(self, tokens):
        return self.out(self.embedding(tokens.T.contiguous()).tanh()).transpose(0, 1)


@model
def tokens_turned_before_they_are_embedded():
    return {"net": SequenceFirstInside(), "test_inputs": torch.randint(0, 11, (4, 5))}


@model
def as_many_tokens_as_samples_turned():
    return {"net": SequenceFirstInside(), "test_inputs": torch.randint(0, 11, (5, 5))}


class OneHot(nn.Module):
    """Tokens that no module embeds."""

    def __init__(self):
        super().__init__()
        self.hidden, self.out = nn.Linear(11, 8), nn.Linear(8, 4)

    def forward(self, tokens):
        return self.out(self.hidden(nn.functional.one_hot(tokens, 11).to(self.out.weight)).relu())


@model
def tokens_that_no_module_embeds():
    return {"net": OneHot(), "test_inputs": torch.randint(0, 11, (4, 5))}


class TableOfVectors(nn.Module):
    """Takes an embedding whose gradients are not those of what it computes, as is meant."""

    def __init__(self, **settings):
        super().__init__()
        self.embedding = nn.Embedding(11, 6, **settings)
        self.out = nn.Linear(6, 4)

    def forward(self, tokens):
        return self.out(self.embedding(tokens).tanh().mean(dim=1))


def table_of_vectors(**settings) -> dict:
    # The padding stands in the samples that the gradients are computed for.
    tokens = torch.tensor([[0, 3, 4, 3], [2, 7, 1, 1], [5, 6, 1, 8], [9, 10, 0, 0]])
    return {"net": TableOfVectors(**settings), "test_inputs": tokens, "output_shape": (4, 4)}


@model
def embedding_with_padding():
    return table_of_vectors(padding_idx=0)


@model
def embedding_scaled_by_frequency():
    return table_of_vectors(scale_grad_by_freq=True)


@model
def embedding_of_limited_norm():
    return table_of_vectors(max_norm=0.5)
