# SPDX-License-Identifier: MIT
"""Shapes as they are typed: 4,3,64,64, integers below a number 4,16:1000, keywords mask=4,16:2."""

from dataclasses import dataclass

import torch
from torch import Tensor

from .subject import Refusal

FORM = (
    "Write sizes with commas between them, as 4,3,64,64; integers below 1000 are 4,16:1000, a "
    "keyword argument is mask=4,16:2"
)


@dataclass
class Input:
    """One input: normal numbers, or integers from 0 to `below` - 1."""

    typed: str
    name: str  # of a keyword argument; empty for a positional one
    shape: tuple[int, ...]
    below: int | None

    @property
    def expression(self) -> str:
        if self.below is None:
            return f"torch.randn({', '.join(map(str, self.shape))})"
        return f"torch.randint({self.below}, {self.shape})"

    def made(self) -> Tensor:
        """A tensor as the expression gives it."""
        try:
            if self.below is None:
                return torch.randn(self.shape)
            return torch.randint(self.below, self.shape)
        except RuntimeError as error:  # more than the memory holds
            raise Refusal(f"--inputs {self.typed!r}: {str(error).splitlines()[0]}") from None


def parsed_input(typed: str) -> Input:
    name, _, rest = typed.rpartition("=")
    sizes, colon, below = rest.partition(":")
    if (name or "=" in typed) and not name.isidentifier():
        raise Refusal(f"--inputs {typed!r}: {name!r} is no name of an argument. {FORM}")
    if colon and not (below.isdecimal() and int(below) > 0):
        raise Refusal(f"--inputs {typed!r}: {below!r} is no whole number above 0. {FORM}")
    return Input(typed, name, parsed_shape(sizes, f"--inputs {typed!r}"), int(below or 0) or None)


def parsed_shape(typed: str, what: str) -> tuple[int, ...]:
    parts = [part.strip() for part in typed.strip().removesuffix(",").split(",")]
    if not all(part.isdecimal() and int(part) > 0 for part in parts):
        raise Refusal(f"{what} is no shape. {FORM}")
    return tuple(map(int, parts))


def parsed_inputs(typed: list[str]) -> list[Input]:
    """All inputs: with a name each, or with none."""
    inputs = [parsed_input(text) for text in typed]
    names = [given.name for given in inputs]
    if any(names) and not all(names):
        raise Refusal(f"--inputs {' '.join(typed)}: give a name to each input, or to none")
    if any(names) and len(set(names)) < len(names):
        raise Refusal(f"--inputs {' '.join(typed)}: two inputs have the same name")
    return inputs


def made_inputs(inputs: list[Input]) -> Tensor | tuple | dict:
    """What test_inputs is: a tensor, a tuple of positional arguments or a dict of keywords."""
    if inputs[0].name:
        return {given.name: given.made() for given in inputs}
    return inputs[0].made() if len(inputs) == 1 else tuple(given.made() for given in inputs)


def expression_of(inputs: list[Input]) -> list[str]:
    """The same as lines of Python."""
    if len(inputs) == 1 and not inputs[0].name:
        return [inputs[0].expression]
    start, end = "{}" if inputs[0].name else "()"
    key = '"{}": '.format if inputs[0].name else str
    lines = [f"    {key(given.name)}{given.expression}," for given in inputs]
    return [start, *lines, end]
