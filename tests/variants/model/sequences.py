"""Correct models of sequences: causal ones, ones that are padded, and ones with tied weights."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from ...bugs.model.bases import CausalTransformer, MaskedTransformer, TiedLanguageModel
from ...varying import model

LENGTHS = (5, 8, 3, 6)


def causal(net: nn.Module, shape=(4, 8, 6), axis: int = 1, **declared) -> dict:
    return {"net": net, "test_inputs": torch.randn(shape), "causal_axis": axis, **declared}


def real_steps() -> torch.Tensor:
    return torch.arange(8) < torch.tensor(LENGTHS)[:, None]


@model
def causal_transformer():
    return causal(CausalTransformer(), output_shape=(4, 8, 6))


class CausalTokens(CausalTransformer):
    def __init__(self):
        super().__init__()
        self.embed, self.head = nn.Embedding(11, 8), nn.Linear(8, 11)


@model
def causal_tokens():
    return {"net": CausalTokens(), "test_inputs": torch.randint(11, (4, 8)), "causal_axis": 1}


class CausalConvolutions(nn.Module):
    """Dilated, channels first: see van den Oord et al., "WaveNet" (2016)."""

    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList(
            nn.Conv1d(6, 6, kernel_size=2, dilation=dilation) for dilation in (1, 2)
        )

    def forward(self, inputs):
        for layer in self.layers:
            inputs = inputs + layer(F.pad(inputs, (layer.dilation[0], 0))).tanh()
        return inputs


@model
def causal_convolutions():
    return causal(CausalConvolutions(), shape=(4, 6, 8), axis=-1)


class TimeFirst(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn, self.head = nn.GRU(6, 7), nn.Linear(7, 5)

    def forward(self, inputs):
        return self.head(self.rnn(inputs)[0])


@model
def causal_and_time_first():
    return causal(TimeFirst(), shape=(8, 4, 6), axis=0, batch_axis=1)


class CausalWithBatchNorm(nn.Module):
    """As Conv-TasNet may be: see Luo and Mesgarani (2019)."""

    def __init__(self):
        super().__init__()
        self.norm, self.layer = nn.BatchNorm1d(6), nn.Conv1d(6, 6, kernel_size=2)

    def forward(self, inputs):
        return self.layer(F.pad(self.norm(inputs), (1, 0)))


@model
def causal_with_batch_norm():
    net = CausalWithBatchNorm()
    return causal(net, shape=(4, 6, 8), axis=2, causal_in_training=False)


class Translator(nn.Module):
    """Attends to the whole source, and to the target up to each time."""

    def __init__(self):
        super().__init__()
        self.source = nn.Linear(6, 8)
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.rnn, self.head = nn.GRU(6, 8, batch_first=True), nn.Linear(8, 5)

    def forward(self, source, target):
        hidden, memory = self.rnn(target)[0], self.source(source)
        return self.head(hidden + self.attention(hidden, memory, memory)[0])


@model
def causal_in_the_target_only():
    inputs = (torch.randn(4, 8, 6), torch.randn(4, 8, 6))
    declared = {"causal_axis": 1, "causal_inputs": (1,)}
    return {"net": Translator(), "test_inputs": inputs, **declared}


@model
def mask_that_is_true_for_real_steps():
    inputs = (torch.randn(4, 8, 6), real_steps())
    return {"net": MaskedTransformer(), "test_inputs": inputs, "padding_mask": 1}


class PaddingIsTrue(nn.Module):
    """With the convention of nn.MultiheadAttention, and a mean over real steps."""

    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(6, 2, batch_first=True)
        self.head = nn.Linear(6, 3)

    def forward(self, values, padding):
        hidden = self.attention(values, values, values, key_padding_mask=padding)[0]
        real = ~padding[..., None]
        return self.head((hidden * real).sum(dim=1) / real.sum(dim=1))


@model
def mask_that_is_true_for_padding():
    inputs = {"values": torch.randn(4, 8, 6), "padding": ~real_steps()}
    return {"net": PaddingIsTrue(), "test_inputs": inputs, "padding_mask": "padding"}


class Packed(nn.Module):
    """The state after the last real step, and the states at all of them."""

    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(6, 5, batch_first=True)

    def forward(self, inputs, lengths):
        lengths, total = lengths.cpu(), inputs.shape[1]
        packed = pack_padded_sequence(inputs, lengths, batch_first=True, enforce_sorted=False)
        outputs, last = self.rnn(packed)
        return pad_packed_sequence(outputs, batch_first=True, total_length=total)[0], last[0]


@model
def lengths_in_place_of_a_mask():
    inputs = (torch.randn(4, 8, 6), torch.tensor(LENGTHS))
    return {"net": Packed(), "test_inputs": inputs, "padding_mask": 1}


class MasksItsTokens(nn.Module):
    """Finds its mask where tokens are 0."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(11, 6)
        self.transformer = MaskedTransformer()

    def forward(self, tokens):
        return self.transformer(self.embed(tokens), tokens != 0)


@model
def tokens_that_are_padded_with_zeros():
    tokens = torch.where(real_steps(), torch.randint(1, 11, (4, 8)), 0)
    return {"net": MasksItsTokens(), "test_inputs": tokens, "padding_value": 0}


class CountsRealSteps(nn.Module):
    """Takes a mask of 1 and 0, wherever its zeros stand, and numbers the real steps by it."""

    def __init__(self):
        super().__init__()
        self.positions, self.transformer = nn.Embedding(9, 6), MaskedTransformer()

    def forward(self, values, attention_mask):
        numbers = attention_mask.cumsum(dim=1) * attention_mask
        return self.transformer(values + self.positions(numbers), attention_mask == 1)


@model
def padding_on_the_left():
    mask = real_steps().flip(1).long()
    inputs = {"values": torch.randn(4, 8, 6), "attention_mask": mask}
    return {"net": CountsRealSteps(), "test_inputs": inputs, "padding_mask": "attention_mask"}


@model
def tied_weights():
    names = (("embed.weight", "head.weight"),)
    tokens = torch.randint(11, (4, 3))
    return {"net": TiedLanguageModel(), "test_inputs": tokens, "tied_parameters": names}


@model
def tied_weights_that_are_not_declared():
    return {"net": TiedLanguageModel(), "test_inputs": torch.randint(11, (4, 3))}
