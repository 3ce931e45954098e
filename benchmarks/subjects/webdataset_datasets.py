"""Shards of tar files, read by webdataset."""

import tempfile
from functools import cache

import numpy as np
import webdataset

from .subject import dataset
from .tensor_datasets import PLAIN, classified

PACKAGE = "webdataset"


@cache
def shards(train: bool) -> str:
    """Four files of ten samples each."""
    pattern = f"{tempfile.gettempdir()}/{'train' if train else 'test'}-%06d.tar"
    inputs, labels = classified(train, 6)
    with webdataset.ShardWriter(pattern, maxcount=10, verbose=0) as writer:
        for index, (values, label) in enumerate(zip(inputs, labels, strict=True)):
            sample = {"__key__": f"{index:06}", "x.npy": values.numpy(), "y.cls": int(label)}
            writer.write(sample)
    return pattern.replace("%06d", "{000000..000003}")


def stream(train: bool) -> webdataset.WebDataset:
    split = webdataset.WebDataset(shards(train), shardshuffle=False).decode()
    return split.to_tuple("x.npy", "y.cls")


def shuffled(train: bool) -> webdataset.WebDataset:
    split = webdataset.WebDataset(shards(train), shardshuffle=4 if train else False)
    return (split.shuffle(20) if train else split).decode().to_tuple("x.npy", "y.cls")


def named(train: bool) -> webdataset.WebDataset:
    split = webdataset.WebDataset(shards(train), shardshuffle=False).decode()
    return split.rename(x="x.npy", y="y.cls").map(converted)


def converted(sample: dict) -> dict[str, object]:
    return {"x": sample["x"].astype(np.float32), "y": sample["y"]}


SUBJECTS = [
    dataset("stream", stream, (6,), **PLAIN),
    dataset("shuffled", shuffled, (6,), shuffled_splits=("train_data",), **PLAIN),
    dataset("named", named, (6,), input_key="x", target_key="y", **PLAIN),
]
