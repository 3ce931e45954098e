"""Datasets of Hugging Face, made from lists."""

import tempfile
from functools import cache

import datasets
import numpy as np
import torch
from torch import Tensor

from .subject import dataset
from .tensor_datasets import FLOATS, PLAIN, classified, drawn

PACKAGE = "datasets"


def rows(train: bool) -> datasets.Dataset:
    inputs, labels = classified(train, 6)
    table = {"features": inputs.tolist(), "label": labels.tolist()}
    return datasets.Dataset.from_dict(table).with_format("torch")


def tokenized(train: bool) -> datasets.Dataset:
    ids = (drawn(train, 8).abs() * 10).long() + 1
    table = {"input_ids": ids.tolist(), "attention_mask": [[1] * 8] * 40, "label": [0, 1] * 20}
    return datasets.Dataset.from_dict(table).with_format("torch")


def pictures(train: bool) -> datasets.Dataset:
    """Pictures that are converted when they are read."""
    values = (classified(train, 8, 8, 3)[0].sigmoid() * 255).byte().numpy()
    features = datasets.Features({"image": datasets.Image(), "label": datasets.ClassLabel(4)})
    table = {"image": list(values), "label": [index % 4 for index in range(40)]}
    return datasets.Dataset.from_dict(table, features).with_transform(converted)


def converted(batch: dict[str, list]) -> dict[str, list]:
    images = [torch.from_numpy(np.array(image)).permute(2, 0, 1) / 255 for image in batch["image"]]
    return {"image": images, "label": batch["label"]}


def stream(train: bool) -> datasets.IterableDataset:
    return rows(train).to_iterable_dataset(num_shards=4)


@cache
def written() -> str:
    path = f"{tempfile.gettempdir()}/rows.parquet"
    values = drawn(0, 3, samples=80)
    table = {"x": values.tolist(), "y": values.sum(1).tolist()}
    datasets.Dataset.from_dict(table).to_parquet(path)
    return path


def parquet(train: bool) -> datasets.Dataset:
    """Read from a file, and split by its own function."""
    whole = datasets.Dataset.from_parquet(written(), cache_dir=tempfile.gettempdir())
    halves = whole.with_format("torch").train_test_split(0.5, seed=0)
    return halves["train" if train else "test"]


def noisy(batch: dict[str, list]) -> dict[str, Tensor]:
    inputs = torch.tensor(batch["features"])
    return {
        "features": inputs + 0.1 * torch.randn_like(inputs),
        "label": torch.tensor(batch["label"]),
    }


def augmented(train: bool) -> datasets.Dataset:
    return rows(train).with_transform(noisy) if train else rows(train)


TOKENS = {**PLAIN, "data_dtype": torch.int64}

SUBJECTS = [
    dataset("rows", rows, (6,), input_key="features", **PLAIN),
    dataset("augmented", augmented, (6,), input_key="features", data_range=None),
    dataset("tokenized", tokenized, (8,), input_key="input_ids", **TOKENS),
    dataset("pictures", pictures, (3, 8, 8), augmented_splits=(), data_range=(0, 1)),
    dataset("parquet", parquet, (3,), input_key="x", target_key="y", **FLOATS),
    dataset("stream", stream, (6,), input_key="features", **PLAIN),
]
