"""Tensors in nested tuples, lists and dicts."""

from collections.abc import Callable, Iterable

from torch import Tensor


def mapped(function: Callable[[Tensor], Tensor], value):
    """The same nesting, with a function applied to every tensor."""
    if isinstance(value, Tensor):
        return function(value)
    if isinstance(value, dict):
        return {key: mapped(function, item) for key, item in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):  # a named one
        return type(value)(*(mapped(function, item) for item in value))
    if isinstance(value, tuple | list):
        return type(value)(mapped(function, item) for item in value)
    return value


def replaced(value, tensors: Iterable[Tensor]):
    """The same nesting, with other tensors in the places of its own, in order."""
    others = iter(tensors)
    return mapped(lambda _: next(others), value)
