"""Rows of tables: numbers to predict, views of what is stored, features in any scale."""

import types

import torch
from torch.utils.data import Dataset, TensorDataset

from ...made_datasets import drawn, made, row, text
from ...varying import dataset


class Table(Dataset):
    """Rows of a tensor, given away as they are stored."""

    def __init__(self, rows, targets, **others):
        self.rows, self.targets = rows, targets
        vars(self).update(others)

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, index):
        return self.rows[index], self.targets[index]


ROWS = torch.randn(180, 6, generator=drawn(0)) * torch.tensor([1.0, 5.0, 0.2, 3.0, 1.0, 2.0])
PRICES = ROWS @ torch.tensor([2.0, -0.5, 4.0, 0.0, 0.0, 0.0]) + 0.2 * torch.randn(180)
SCALED = (ROWS - ROWS[:120].mean(dim=0)) / ROWS[:120].std(dim=0)


def tables(rows, targets, **others) -> dict:
    splits = Table(rows[:120], targets[:120]), Table(rows[120:], targets[120:])
    data = types.SimpleNamespace(train_data=splits[0], test_data=splits[1])
    return {"data": data, "data_shape": (6,), "augmented_splits": (), "data_range": None, **others}


@dataset
def a_column_to_predict():
    """Shape (1,), as a squared error wants it, of rows that are views; nothing else declared."""
    standardised = tuple(range(6))
    return tables(SCALED, PRICES[:, None], standardised=standardised, guessable_targets=True)


@dataset
def a_price_to_predict():
    return tables(SCALED, PRICES)


@dataset
def two_classes_as_fractions():
    """As binary cross entropy wants them."""
    return tables(SCALED, (PRICES.median() < PRICES).float(), class_shares={0: 0.5, 1: 0.5})


@dataset
def gaps_filled_with_the_mean():
    filled = torch.where(torch.rand(180, 6, generator=drawn(1)) < 0.1, 0.0, SCALED)
    return tables(filled, PRICES, standardised=(0, 1, 2), guessable_targets=True)


@dataset
def features_of_minus_one_and_one():
    """Balanced by design: mean 0 and spread 1 in each split."""
    rows = torch.cartesian_prod(*[torch.tensor([-1.0, 1.0])] * 6).repeat(3, 1)[:180]
    return tables(rows, rows[:, 0] * rows[:, 1] + 0.1 * PRICES)


@dataset
def each_row_scaled_by_itself():
    rows = (ROWS - ROWS.mean(dim=1, keepdim=True)) / ROWS.std(dim=1, keepdim=True)
    return tables(rows, PRICES)


@dataset
def months_as_a_feature():
    """A trend, and classes that come and go along it."""
    rows = torch.cat([SCALED[:, :5], torch.arange(180)[:, None] / 90 - 1], dim=1)
    order = torch.randperm(180, generator=drawn(2))
    return tables(rows[order], (order % 12 < 6).long())


@dataset
def tables_of_classes_and_counts():
    """Equal numbers of classes, also where one is missing, and counts that may differ."""
    kinds = torch.arange(180) % 3
    attributes = tables(SCALED, kinds)
    train, test = vars(attributes["data"]).values()
    vars(train).update(class_to_idx={"ant": 0, "bee": 1, "cat": 2}, counts={"ant": 40, "bee": 41})
    vars(test).update(class_to_idx={"ant": 0, "cat": 2}, counts={"ant": 20, "bee": 19})
    train.classes, test.classes = ["ant", "bee", "cat"], ["ant", "bee", "cat"]
    return attributes


@dataset
def tensors_of_pytorch():
    splits = [TensorDataset(SCALED[part], PRICES[part]) for part in (slice(120), slice(120, 180))]
    data = types.SimpleNamespace(train_data=splits[0], test_data=splits[1])
    return {"data": data, "data_shape": (6,), "augmented_splits": (), "data_range": None}


def rare(index):
    """Words that only the test split has are all word 1."""
    words, kind = text(index, 20)
    return torch.where(words < 45, words, 1 if index >= 120 else 2), kind


@dataset
def unknown_words():
    return made(rare, (20,), data_dtype=torch.int64, unknown_word=1)


def nearly_a_copy(index):
    values, number = row(index)
    return torch.cat([values[:5], number[None] / 20 + 0.01 * torch.randn(1)]), number


@dataset
def a_feature_much_like_the_target():
    return made(nearly_a_copy, (6,), augmented_splits=("train_data", "test_data"))
