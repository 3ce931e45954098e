# SPDX-License-Identifier: MIT
"""The attributes that a concrete test case has to set, and how it is set up once more."""

import fnmatch
from collections.abc import Callable, Collection, Iterable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, NoReturn

from .first_to_read import noting

SUITES = f"{__name__.rpartition('.')[0]}."


class Suite:
    """The base of all suites: a plain class, so that either order of bases works."""

    if TYPE_CHECKING:
        # What a suite takes from the test case that it is a part of.
        _testMethodName: str

        def addCleanup(self, function: Callable, /, *args: Any, **kwargs: Any) -> None: ...
        def fail(self, msg: Any = None) -> NoReturn: ...
        def skipTest(self, reason: Any) -> NoReturn: ...
        def assertEqual(self, first: Any, second: Any, msg: Any = None) -> None: ...
        def assertTrue(self, expr: Any, msg: Any = None) -> None: ...
        def subTest(self, msg: Any = ..., **params: Any) -> AbstractContextManager[None]: ...

    def __init_subclass__(cls, **settings: Any):
        super().__init_subclass__(**settings)
        if cls.__module__.startswith(SUITES):  # what an owner writes stays as it is
            for name, check in list(vars(cls).items()):
                if name.startswith("test_") and callable(check):
                    setattr(cls, name, noting(check))


class Required:
    """Stands on a suite for an attribute that the concrete test case sets.

    Setting it in `setUp`, in `setUpClass` or in the class body replaces this object. Where that
    was forgotten, reading the attribute fails the test and says what to set; every other test
    case goes on.
    """

    def __init__(self, description: str):
        self.description = description

    def __set_name__(self, owner: type, name: str):
        self.name = name

    def __get__(self, instance, owner: type) -> Any:
        if instance is None:
            return self
        raise AssertionError(
            f"{owner.__name__}.{self.name} is not set.\n"
            f"Set self.{self.name} in setUp. It is {self.description}."
        )


def newly_set_up(case):
    """A second instance of a test case, after its setUp; it is torn down with the first."""
    other = type(case)(case._testMethodName)
    case.addCleanup(other.doCleanups)
    other.setUp()
    case.addCleanup(other.tearDown)
    return other


def matching(
    case, attribute: str, names: Collection[str], kind: str, patterns: Iterable[str] | None = None
) -> set[str]:
    """The names that a pattern in an attribute matches; a pattern that matches none fails.

    Where an attribute holds groups, `patterns` are those of one of them.
    """
    found: set[str] = set()
    for pattern in getattr(case, attribute) if patterns is None else patterns:
        matches = fnmatch.filter(names, pattern)
        if not matches:
            case.fail(
                f"{attribute} has {pattern!r}, but {case.net_name()} has no such {kind}.\n"
                f"The first names are {list(names)[:4]}."
            )
        found.update(matches)
    return found
