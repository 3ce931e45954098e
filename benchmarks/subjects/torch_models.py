"""Networks made of torch's own recurrent layers, transformers and others."""

import torch
from torch import Tensor, nn

from .subject import model, normal, tokens

PACKAGE = "torch"


class LastStep(nn.Module):
    """A classifier that reads the last output of a recurrent layer."""

    def __init__(self, recurrent: nn.Module, width: int):
        super().__init__()
        self.recurrent = recurrent
        self.head = nn.Linear(width, 5)

    def forward(self, series: Tensor) -> Tensor:
        return self.head(self.recurrent(series)[0][:, -1])


class WordLanguageModel(nn.Module):
    """Scores of the next word, and the state, with the time on the first axis."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(20, 8)
        self.recurrent = nn.LSTM(8, 16, 2, dropout=0.2)
        self.scores = nn.Linear(16, 20)

    def forward(self, words: Tensor, state: tuple | None = None) -> tuple:
        outputs, state = self.recurrent(self.embedding(words), state)
        return self.scores(outputs), state


class SequenceToSequence(nn.Module):
    def __init__(self):
        super().__init__()
        self.words, self.target_words = nn.Embedding(20, 16), nn.Embedding(20, 16)
        sizes = {"num_encoder_layers": 1, "num_decoder_layers": 1, "dim_feedforward": 32}
        self.transformer = nn.Transformer(16, 2, batch_first=True, **sizes)
        self.scores = nn.Linear(16, 20)

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        mask = nn.Transformer.generate_square_subsequent_mask(target.shape[1], target.device)
        pair = self.words(source), self.target_words(target)
        return self.scores(self.transformer(*pair, tgt_mask=mask, tgt_is_causal=True))


class PaddedEncoder(nn.Module):
    """The mean of a sentence's words, behind a transformer that leaves out the padding."""

    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(20, 16, padding_idx=0)
        layer = nn.TransformerEncoderLayer(16, 2, 32, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2)

    def forward(self, words: Tensor) -> Tensor:
        padding = words == 0
        encoded = self.encoder(self.words(words), src_key_padding_mask=padding)
        return encoded.masked_fill(padding.unsqueeze(2), 0).sum(1) / (~padding).sum(1, True)


def padded() -> Tensor:
    """Sentences of different lengths."""
    words = torch.randint(1, 20, (4, 7))
    words[1, 5:] = words[2, 3:] = 0
    return words


class PackedLSTM(nn.Module):
    """The last state of each sentence, whatever its length."""

    def __init__(self):
        super().__init__()
        self.recurrent = nn.LSTM(6, 8, batch_first=True)

    def forward(self, series: Tensor, lengths: Tensor) -> Tensor:
        packed = nn.utils.rnn.pack_padded_sequence(series, lengths, True, enforce_sorted=False)
        return self.recurrent(packed)[1][0][-1]


class Siamese(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(12, 16), nn.ReLU(), nn.Linear(16, 4))

    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        return nn.functional.pairwise_distance(self.encoder(first), self.encoder(second))


class Bags(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(30, 8, mode="mean")
        self.head = nn.Linear(8, 3)

    def forward(self, words: Tensor) -> Tensor:
        return self.head(self.bag(words))


def spectral_discriminator() -> nn.Module:
    normed = nn.utils.parametrizations.spectral_norm
    first, second = normed(nn.Conv2d(3, 8, 4, 2, 1)), normed(nn.Conv2d(8, 1, 4, 2, 1))
    return nn.Sequential(first, nn.LeakyReLU(0.2), second)


def bidirectional() -> nn.Module:
    return LastStep(nn.LSTM(6, 8, bidirectional=True, batch_first=True), 16)


SUBJECTS = [
    model("LSTM", lambda: LastStep(nn.LSTM(6, 8, 2, batch_first=True), 8), normal(4, 9, 6)),
    model("BidirectionalLSTM", bidirectional, normal(4, 9, 6)),
    model("GRU", lambda: nn.GRU(6, 8, 2), normal(9, 4, 6), batch_axis=1),
    model("WordLanguageModel", WordLanguageModel, tokens(20, 9, 4), batch_axis=1),
    model("Transformer", SequenceToSequence, lambda: (tokens(20, 4, 7)(), tokens(20, 4, 6)())),
    model("PaddedEncoder", PaddedEncoder, padded),
    model(
        "PackedLSTM",
        PackedLSTM,
        lambda: {"series": torch.randn(4, 9, 6), "lengths": torch.tensor([9, 4, 7, 2])},
    ),
    model("Siamese", Siamese, lambda: (normal(4, 12)(), normal(4, 12)())),
    model("EmbeddingBag", Bags, tokens(30, 4, 6)),
    model("SpectralNorm", spectral_discriminator, normal(4, 3, 16, 16)),
    model("Bilinear", lambda: nn.Bilinear(5, 6, 4), lambda: (normal(4, 5)(), normal(4, 6)())),
]
