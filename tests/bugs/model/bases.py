"""Correct code that stands in parts, so that a bug can take the place of one."""

import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    """A correct model from (N, 6) to (N, 6) as the base of bugs."""

    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(6, 8)
        self.out = nn.Linear(8, 6)

    def forward(self, inputs):
        return self.out(self.hidden(inputs).relu())


class CausalTransformer(nn.Module):
    """Two layers of causal attention, (N, T, 6) to (N, T, 6), as the base of bugs and variants."""

    def __init__(self):
        super().__init__()
        self.embed, self.head = nn.Linear(6, 8), nn.Linear(8, 6)
        self.queries = nn.ModuleList(nn.Linear(8, 24) for _ in range(2))

    def mask(self, length: int) -> torch.Tensor:
        """(length, length), true where a step of the rows sees a step of the columns."""
        return torch.ones(length, length, dtype=torch.bool).tril()

    def attend(self, layer: int, hidden, mask):
        query, key, value = self.queries[layer](hidden).chunk(3, dim=-1)
        mask = None if mask is None else mask.to(hidden.device)
        return F.scaled_dot_product_attention(query, key, value, attn_mask=mask)

    def forward(self, inputs):
        hidden = self.embed(inputs)
        for layer in range(2):
            hidden = hidden + self.attend(layer, hidden, self.mask(inputs.shape[1]))
        return self.head(hidden)


class MaskedTransformer(CausalTransformer):
    """Attention to all real steps, for (N, T, 6) and a mask (N, T) that is true for them."""

    def forward(self, inputs, mask):
        hidden = self.embed(inputs)
        for layer in range(2):
            hidden = hidden + self.attend(layer, hidden, mask[:, None])
        return self.head(hidden)


class TiedLanguageModel(nn.Module):
    """Logits (N, T, 11) of tokens (N, T), by the weights that embed them: Press, Wolf (2017)."""

    def __init__(self):
        super().__init__()
        self.embed, self.hidden = nn.Embedding(11, 6), nn.Linear(6, 6)
        self.head = nn.Linear(6, 11, bias=False)
        self.head.weight = self.embed.weight

    def forward(self, tokens):
        return self.head(self.hidden(self.embed(tokens)).tanh())
