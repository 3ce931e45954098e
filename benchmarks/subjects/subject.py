"""A subject: code that others wrote, with what its owner would declare in a test case."""

import inspect
import random
import unittest
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Subject:
    """What stands in a test case: the attributes of its setUp, and the declarations of its class.

    `attributes` builds them anew at each call. A test case of a `refused` subject must fail once,
    with a sentence, because the suites do not support its kind.
    """

    name: str
    kind: str  # "model", "vae" or "dataset"
    attributes: Callable[[], Mapping[str, object]]
    declared: Mapping[str, object]
    refused: bool = False

    def lines(self) -> int:
        """The number of lines that the declarations take in a test case."""
        return sum(lines_of(value) for value in self.declared.values())

    def test_case(self, suite: type) -> type[unittest.TestCase]:
        """The test case that an owner would write."""

        def set_up(case):
            for name, value in self.attributes().items():
                setattr(case, name, value)

        name = f"Test_{self.name.replace('-', '_')}"
        return type(name, (unittest.TestCase, suite), {"setUp": set_up, **self.declared})


def lines_of(value: object) -> int:
    """One for an attribute; a hook takes as many as its function, or two where it is a lambda."""
    if getattr(value, "__unittest_skip__", False):
        return 2  # the decorator and the name of the test
    function = getattr(value, "__func__", value)
    if not inspect.isfunction(function):
        return 1
    return 2 if function.__name__ == "<lambda>" else len(inspect.getsourcelines(function)[0])


def model(
    name: str, net: Callable[[], nn.Module], inputs: Callable[[], object], **declared: object
) -> Subject:
    """A model, built by `net()`, for the inputs that `inputs()` draws."""
    return Subject(name, "model", lambda: {"test_inputs": inputs(), "net": net()}, declared)


def vae(
    name: str,
    net: Callable[[], nn.Module],
    inputs: Callable[[], object],
    refused: bool = False,
    **declared: object,
) -> Subject:
    """A variational autoencoder."""
    return Subject(name, "vae", lambda: {"test_inputs": inputs(), "net": net()}, declared, refused)


def dataset(
    name: str,
    split: Callable[[bool], object],
    data_shape: tuple[int, ...],
    refused: bool = False,
    **declared: object,
) -> Subject:
    """A dataset of two splits: `split(True)` is for training, `split(False)` for testing."""

    def attributes():
        data = SimpleNamespace(train_data=split(True), test_data=split(False))
        return {"data": data, "data_shape": data_shape}

    return Subject(name, "dataset", attributes, declared, refused)


def skipped(reason: str) -> Callable:
    """A test that the test case overrides to skip it."""

    @unittest.skip(reason)
    def test(self): ...

    return test


def normal(*shape: int) -> Callable[[], Tensor]:
    """Draws inputs of a shape, the batch axis included."""
    return lambda: torch.randn(shape)


def images(size: int, channels: int = 3, samples: int = 4) -> Callable[[], Tensor]:
    return normal(samples, channels, size, size)


def tokens(vocabulary: int, *shape: int) -> Callable[[], Tensor]:
    """Draws token ids, without 0 and 1, which often stand for padding."""
    return lambda: torch.randint(2, vocabulary, shape)


def seed_everything(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
