"""Bugs that the checks of suites/model/padding.py are meant for."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from ...seeding import model_bug
from .bases import MaskedTransformer

PADDING = "test_padding_changes_nothing"
MASKED = "test_masked_inputs_have_no_influence"
ORDER = "test_order_of_lengths_changes_nothing"
LENGTHS = (5, 8, 3, 6)


def with_mask() -> tuple[torch.Tensor, torch.Tensor]:
    return torch.randn(4, 8, 6), torch.arange(8) < torch.tensor(LENGTHS)[:, None]


def with_lengths() -> tuple[torch.Tensor, torch.Tensor]:
    return torch.randn(4, 8, 6), torch.tensor(LENGTHS)


def padded_tokens() -> torch.Tensor:
    real = with_mask()[1]
    return torch.where(real, torch.arange(32).reshape(4, 8) * 7 % 10 + 1, 0)


def padding_bug(check: str, message: str, source: str = "common knowledge", **attributes):
    settings = {"inputs": with_mask, "padding_mask": 1, "output_shape": None, **attributes}
    return model_bug(check, message, source=source, **settings)


@padding_bug(MASKED, r"sample 0 when its padding holds other values.*mask dropped")
class IgnoresTheMask(MaskedTransformer):
    def forward(self, inputs, mask):
        return super().forward(inputs, torch.ones_like(mask))


@padding_bug(MASKED, r"sample \d when its padding holds other values.*inverted")
class ReadsTheMaskTheOtherWay(MaskedTransformer):
    """True is padding in nn.MultiheadAttention, and a value that counts in attention by F."""

    def attend(self, layer, hidden, mask):
        return super().attend(
            layer, hidden, ~mask | (mask.sum(dim=2, keepdim=True) == mask.shape[2])
        )


@padding_bug(MASKED, r"sample 0 when its padding holds other values.*missing in one layer")
class MasksOneOfTwoLayers(MaskedTransformer):
    def attend(self, layer, hidden, mask):
        return super().attend(layer, hidden, mask if layer else torch.ones_like(mask))


@padding_bug(
    PADDING,
    r"sample 0, with 5 real steps, alone and in a batch of 8 steps.*last real one",
    "PYSIASSIST (Gu et al., SANER 2024), forum posts",
    inputs=with_lengths,
)
class ReadsTheLastStep(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn, self.head = nn.GRU(6, 8, batch_first=True), nn.Linear(8, 3)

    def forward(self, inputs, lengths):
        hidden, _ = self.rnn(inputs)
        return self.head(hidden[:, -1]) + 0 * lengths[:, None]


@padding_bug(PADDING, r"sample 0, with 5 real steps, alone.*Is padding pooled")
class PoolsOverPadding(MaskedTransformer):
    """It zeroes what is padded, and divides by the length of the batch."""

    def forward(self, inputs, mask):
        return (super().forward(inputs, mask) * mask[..., None]).mean(dim=1)


@padding_bug(
    PADDING,
    r"sample 0, with 5 real steps, alone.*attended to",
    inputs=padded_tokens,
    padding_mask=None,
    padding_value=0,
)
class PaddingIndexIsNoMask(nn.Module):
    """Padding has an embedding of zeros, and takes its share of the attention all the same."""

    def __init__(self):
        super().__init__()
        self.embed, self.transformer = nn.Embedding(11, 6, padding_idx=0), MaskedTransformer()

    def forward(self, tokens):
        return self.transformer(self.embed(tokens), torch.ones_like(tokens, dtype=torch.bool))


class PackedRNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(6, 5, batch_first=True)


@padding_bug(
    ORDER,
    r"does not take lengths in another order: RuntimeError.*enforce_sorted",
    inputs=lambda: (torch.randn(4, 8, 6), torch.tensor([8, 6, 5, 3])),
)
class NeedsSortedLengths(PackedRNN):
    def forward(self, inputs, lengths):
        packed = pack_padded_sequence(inputs, lengths, batch_first=True)
        return pad_packed_sequence(self.rnn(packed)[0], batch_first=True)[0]


@padding_bug(
    ORDER,
    r"sample \d when the lengths stand in another order.*not put back",
    inputs=lambda: (torch.randn(4, 8, 6), torch.tensor([8, 6, 5, 3])),
)
class SortsAndForgets(PackedRNN):
    """The state of the longest sequence comes out first, whosever it is."""

    def forward(self, inputs, lengths):
        lengths, order = lengths.sort(descending=True)
        packed = pack_padded_sequence(inputs[order], lengths, batch_first=True)
        return self.rnn(packed)[1][0]


@padding_bug(PADDING, r"sample 0, with 5 real steps, alone.*normalised")
class NormalisesOverPadding(MaskedTransformer):
    def forward(self, inputs, mask):
        return super().forward(F.layer_norm(inputs, inputs.shape[1:]), mask)
