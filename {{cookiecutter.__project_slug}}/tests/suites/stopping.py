# SPDX-License-Identifier: MIT
"""Runs a program up to a call, to look at what it has built by then."""

from collections.abc import Callable
from typing import Any
from unittest import mock


class Stopped(BaseException):
    """No Exception, so that no program takes it for one of its own."""


def stopped_at(owner: Any, name: str, program: Callable[[], object]) -> tuple:
    """Runs a program until it calls a method of a class; returns the arguments of that call.

    Of a method of an instance, the first one is that instance:

        trainer, epochs = stopped_at(Trainer, "train", lambda: main(["--epochs=3"]))

    Raises AssertionError where the program ends without the call.
    """
    calls: list[tuple] = []

    def stop(*arguments, **named):
        calls.append((*arguments, *named.values()))
        raise Stopped

    with mock.patch.object(owner, name, stop):
        try:
            program()
        except Stopped:
            return calls[0]
    raise AssertionError(f"The program ended without a call of {owner.__name__}.{name}().")
