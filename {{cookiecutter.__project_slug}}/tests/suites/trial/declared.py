# SPDX-License-Identifier: MIT
"""What is declared beside the subject: attributes of the suite, as name=value."""

import ast
import difflib

import torch

from .subject import Refusal


def declared(suite: type, typed: list[str]) -> dict[str, str]:
    """The attributes in a list such as ["batch_axis=1"], with their values as Python."""
    return dict(declaration(suite, text) for text in typed)


def declaration(suite: type, typed: str) -> tuple[str, str]:
    name, equals, value = (part.strip() for part in typed.partition("="))
    if not equals:
        raise Refusal(f"--declare {typed!r}: write name=value, as pretrained=True")
    known = attributes_of(suite)
    if name not in known:
        names = ", ".join(difflib.get_close_matches(name, known, 3) or known)
        raise Refusal(f"--declare {typed!r}: {suite.__name__} has no {name!r}; it has {names}")
    if not is_value(value):
        raise Refusal(
            f"--declare {typed!r}: {value!r} is no literal; write a number, True, False, None, or "
            f"a text, tuple, list or dict in quotes and brackets, or a type as torch.float32"
        )
    return name, value


def is_value(text: str) -> bool:
    """Whether a text is a literal of Python, or the name of a type of torch."""
    module, _, name = text.partition(".")
    if module == "torch" and isinstance(getattr(torch, name, None), torch.dtype):
        return True
    try:
        ast.literal_eval(text)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True


def attributes_of(suite: type) -> list[str]:
    """The attributes of a contract that have a default: neither methods nor what is required."""
    names = [name for name in dir(suite) if not name.startswith("_")]
    members = ((name, getattr(suite, name)) for name in names)
    return [
        name
        for name, value in members
        if not callable(value) and type(value).__name__ != "Required"
    ]


def bounds(low: float, high: float) -> str:
    """A range as Python: (-1, 1), or (0, float("inf"))."""
    if not low < high:
        raise Refusal(f"--range {low:g} {high:g}: the first must be below the second")
    return f"({bound(low)}, {bound(high)})"


def bound(number: float) -> str:
    if abs(number) == float("inf"):
        return f'float("{number:g}")'
    return repr(int(number) if number.is_integer() else number)
