"""Models with several inputs, tokens, masks and states, and with batches along another axis."""

import torch
from torch import nn

from ...varying import model

LSTM_AXES = {"inputs": [0, 1, 1], "outputs": [0, 1, 1]}


class TwoInputs(nn.Module):
    """A picture and numbers beside it."""

    def __init__(self):
        super().__init__()
        self.left, self.right = nn.Linear(6, 8), nn.Linear(3, 8)
        self.out = nn.Linear(8, 4)

    def forward(self, left, right):
        return self.out((self.left(left) + self.right(right)).relu())


@model
def positional_inputs():
    inputs = (torch.randn(4, 6), torch.randn(4, 3))
    return {"net": TwoInputs(), "test_inputs": inputs, "output_shape": (4, 4)}


@model
def keyword_inputs():
    inputs = {"right": torch.randn(4, 3), "left": torch.randn(4, 6)}
    return {"net": TwoInputs(), "test_inputs": inputs, "output_shape": (4, 4)}


class TakesADict(nn.Module):
    """One argument that is a dict, in which a list is nested."""

    def __init__(self):
        super().__init__()
        self.inner = TwoInputs()

    def forward(self, batch):
        return self.inner(batch["left"], batch["others"][0])


def call_with_one_dict(net, inputs):
    return net(inputs)


@model
def one_dict_by_an_override_of_call():
    inputs = {"left": torch.randn(4, 6), "others": [torch.randn(4, 3)], "name": "a batch"}
    return {"net": TakesADict(), "test_inputs": inputs, "call": call_with_one_dict}


class TokenTransformer(nn.Module):
    """Tokens, positions and a mask of the padding; the weights of its head are its embedding's."""

    def __init__(self):
        super().__init__()
        self.tokens = nn.Embedding(11, 8)
        self.positions = nn.Embedding(5, 8)
        layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(8, 11, bias=False)
        self.head.weight = self.tokens.weight

    def forward(self, input_ids, attention_mask):
        positions = torch.arange(input_ids.shape[1], device=input_ids.device)
        hidden = self.tokens(input_ids) + self.positions(positions)
        hidden = self.encoder(hidden, src_key_padding_mask=attention_mask == 0)
        return self.head(hidden)


@model
def token_transformer_with_masks():
    mask = torch.ones(5, 5, dtype=torch.long)
    mask[1:, 0] = 0
    inputs = {"input_ids": torch.randint(1, 11, (5, 5)), "attention_mask": mask}
    return {"net": TokenTransformer(), "test_inputs": inputs, "output_shape": (5, 5, 11)}


class CausalAttention(nn.Module):
    """A mask over pairs of positions, which has no batch axis, is an input."""

    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True, dropout=0.1)
        self.out = nn.Linear(8, 8)

    def forward(self, inputs, mask):
        hidden, _ = self.attention(inputs, inputs, inputs, attn_mask=mask, need_weights=False)
        return inputs + self.out(hidden.relu())


@model
def mask_without_a_batch_axis():
    mask = torch.ones(6, 6).triu(1).bool()
    axes = {"inputs": [0, None], "outputs": 0}
    inputs = (torch.randn(4, 6, 8), mask)
    return {"net": CausalAttention(), "test_inputs": inputs, "batch_axis": axes}


@model
def recurrent_states_in_and_out():
    net = nn.LSTM(5, 6, num_layers=2, batch_first=True)
    state = (torch.randn(2, 4, 6), torch.randn(2, 4, 6))
    inputs = (torch.randn(4, 7, 5), state)
    return {"net": net, "test_inputs": inputs, "batch_axis": LSTM_AXES}


@model
def sequence_first():
    net = nn.GRU(5, 6, num_layers=2)
    return {"net": net, "test_inputs": torch.randn(7, 4, 5), "batch_axis": 1}


class GraphConvolution(nn.Module):
    """One graph, no batch; its adjacency matrix is a sparse buffer."""

    def __init__(self):
        super().__init__()
        edges = torch.eye(6) + torch.eye(6).roll(1, 0)
        self.register_buffer("adjacency", edges.to_sparse())
        self.hidden, self.out = nn.Linear(4, 8), nn.Linear(8, 3)

    def forward(self, nodes):
        hidden = torch.sparse.mm(self.adjacency, self.hidden(nodes)).relu()
        return self.out(torch.sparse.mm(self.adjacency, hidden))


@model
def graph_with_a_sparse_buffer():
    return {"net": GraphConvolution(), "test_inputs": torch.randn(6, 4), "batch_axis": None}


class SetsRequiresGrad(nn.Module):
    """As wav2vec2 does, so that checkpointing of a frozen part has a gradient to begin with."""

    def __init__(self):
        super().__init__()
        self.conv, self.out = nn.Conv1d(1, 4, 3), nn.Linear(4, 2)

    def forward(self, signal):
        hidden = signal[:, None]
        if self.training:
            hidden.requires_grad = True
        return self.out(self.conv(hidden).relu().mean(dim=-1))


@model
def requires_grad_set_on_a_view():
    return {"net": SetsRequiresGrad(), "test_inputs": torch.randn(4, 12)}
