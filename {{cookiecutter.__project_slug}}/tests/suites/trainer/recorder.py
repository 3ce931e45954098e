# SPDX-License-Identifier: MIT
"""A log that keeps what a trainer writes to it."""

import functools
import inspect
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from ..instruments.optional import writer_class

MISSING = object()


@functools.cache
def signature_of(method: str) -> inspect.Signature:
    return inspect.signature(getattr(writer_class(), method))


class Recorder:
    """Takes the calls that a SummaryWriter takes, and keeps them."""

    def __init__(self):
        self.calls: list[tuple[str, dict]] = []

    def __getattr__(self, method: str):
        if method.startswith("__"):
            raise AttributeError(method)
        signature = signature_of(method)

        def record(*arguments, **named):
            bound = signature.bind(self, *arguments, **named)
            bound.apply_defaults()
            self.calls.append((method, bound.arguments))

        return record

    def with_tag(self, tag: str, method: str = "add_scalar") -> list[dict]:
        """The arguments, by name, of all calls of a method with a tag."""
        return [
            arguments
            for name, arguments in self.calls
            if name == method and arguments["tag"] == tag
        ]

    def scalars(self) -> dict[str, list[tuple]]:
        """Steps and values by tag, as they were given."""
        found: dict[str, list[tuple]] = {}
        for name, given in self.calls:
            if name == "add_scalar":
                entry = (given["global_step"], given["scalar_value"])
                found.setdefault(given["tag"], []).append(entry)
        return found

    def images(self) -> dict[str, list[tuple]]:
        """Steps and copies of pictures by tag."""
        found: dict[str, list[tuple]] = {}
        for name, given in self.calls:
            if name == "add_image":
                entry = (given["global_step"], torch.as_tensor(given["img_tensor"]))
                found.setdefault(given["tag"], []).append(entry)
        return found


@contextmanager
def swapped(owner, name: str, value) -> Iterator[None]:
    """Puts a value in the place of an attribute, also of a property, and restores it."""
    cls, before = type(owner), vars(owner).get(name, MISSING)
    if isinstance(getattr(cls, name, None), property):
        owner.__class__ = type(cls.__name__, (cls,), {name: value, "__module__": cls.__module__})
        try:
            yield
        finally:
            owner.__class__ = cls
        return
    setattr(owner, name, value)
    try:
        yield
    finally:
        if before is MISSING:
            delattr(owner, name)
        else:
            setattr(owner, name, before)
