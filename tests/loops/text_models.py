"""Two tiny transformers of Hugging Face's, built from a configuration, and texts for them."""

from types import SimpleNamespace

import torch
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    GPT2Config,
    GPT2LMHeadModel,
)

TOKENS, LENGTH, KINDS = 12, 8, 3


def classifier():
    config = BertConfig(
        vocab_size=TOKENS, hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=32, max_position_embeddings=LENGTH, num_labels=KINDS,
    )  # fmt: skip
    return BertForSequenceClassification(config)


def language_model():
    return GPT2LMHeadModel(
        GPT2Config(vocab_size=TOKENS, n_positions=LENGTH, n_embd=16, n_layer=1, n_head=2)
    )


def rows(size=8):
    """Counting upwards from anywhere, in steps of 1, 2 or 3."""
    return [(torch.arange(LENGTH) * (1 + i % KINDS) + i) % TOKENS for i in range(size)]


def labelled_texts():
    texts = [{"input_ids": row, "labels": i % KINDS} for i, row in enumerate(rows())]
    return SimpleNamespace(train_data=texts, test_data=texts)


def texts():
    texts = [{"input_ids": row, "labels": row} for row in rows()]
    return SimpleNamespace(train_data=texts, test_data=texts)


def accuracy(prediction):
    """What the Trainer calls compute_metrics."""
    right = prediction.predictions.argmax(axis=-1) == prediction.label_ids
    return {"accuracy": float(right.mean())}
