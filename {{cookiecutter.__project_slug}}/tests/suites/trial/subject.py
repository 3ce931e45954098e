# SPDX-License-Identifier: MIT
"""What is tried: an expression such as `mypackage.model:Net(10)`, and what it builds.

Nothing of what is typed is evaluated but literals; names are looked up, one after the other.
"""

import ast
import difflib
import importlib
from dataclasses import dataclass, field
from typing import Any

from ..model.premises import said_by

FORM = "Write module:name, as torchvision.models:resnet18 or 'mypackage.model:Net(10)'"


class Refusal(ValueError):
    """What was typed cannot be tried; the text is one line, for the user."""


@dataclass
class Subject:
    """A name in a module, and the arguments that it is called with, if it is."""

    typed: str  # mypackage.model:Net.small(10, bias=False)
    module: str  # mypackage.model
    names: list[str]  # Net, small
    given: str | None = None  # 10, bias=False; None without brackets
    arguments: list = field(default_factory=list)
    keywords: dict[str, Any] = field(default_factory=dict)

    @property
    def expression(self) -> str:
        """What builds it, where names[0] is imported: Net.small(10, bias=False)."""
        return ".".join(self.names) + ("" if self.given is None else f"({self.given})")

    def build(self) -> Any:
        """What the expression stands for; a class or function is called, with or without brackets.

        Raises Refusal where it cannot be found or built, with the reason.
        """
        found = self.found()
        if is_built(found):
            if self.given is not None:
                raise Refusal(f"{self.typed} is built already: leave the brackets out")
            return found
        self.given = self.given or ""
        try:
            return found(*self.arguments, **self.keywords)
        except (Exception, SystemExit) as error:
            hint = f". Arguments stand in brackets: '{self.module}:{'.'.join(self.names)}(10)'"
            raise Refusal(
                f"{self.typed} cannot be built: {said_by(error)}"
                f"{hint if isinstance(error, TypeError) else ''}"
            ) from None

    def found(self) -> Any:
        value = imported(self.module)
        if not hasattr(value, self.names[0]) and hasattr(value, "create_model"):
            self.create_by_name()
        for position, name in enumerate(self.names):
            if not hasattr(value, name):
                owner = ".".join([self.module, *self.names[:position]])
                raise Refusal(f"{owner} has no {name!r}{suggestions(value, name)}")
            value = getattr(value, name)
        return value

    def create_by_name(self):
        """timm:resnet10t(num_classes=7) is timm:create_model("resnet10t", num_classes=7)."""
        name = ".".join(self.names)
        self.given = f'"{name}"' + (f", {self.given}" if self.given else "")
        self.names, self.arguments = ["create_model"], [name, *self.arguments]


def parsed(typed: str) -> Subject:
    """The parts of what was typed; raises Refusal where it has another form."""
    module, _, expression = typed.strip().partition(":")
    try:
        body = ast.parse(expression.strip(), mode="eval").body
    except (SyntaxError, ValueError):
        body = ast.Constant(None)
    names = names_in(body.func if isinstance(body, ast.Call) else body)
    if isinstance(body, ast.Call) and any(word.arg is None for word in body.keywords):
        names = []  # f(**settings)
    if not names or not all(part.isidentifier() for part in module.split(".")):
        is_path = ", with dots for a path" if "/" in module or "\\" in module else ""
        raise Refusal(f"{typed!r} names nothing. {FORM}{is_path}")
    subject = Subject(typed, module, names)
    if isinstance(body, ast.Call):
        subject.arguments = [literal(typed, node) for node in body.args]
        subject.keywords = {str(word.arg): literal(typed, word.value) for word in body.keywords}
        subject.given = arguments_in(expression.strip(), body)
    return subject


def names_in(node: ast.expr) -> list[str]:
    """Net.small as ["Net", "small"]; nothing where it is no chain of names."""
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Attribute) and (before := names_in(node.value)):
        return [*before, node.attr]
    return []


def arguments_in(expression: str, call: ast.Call) -> str:
    """The arguments of a call, each as it was typed."""
    texts = [ast.get_source_segment(expression, node) for node in call.args]
    for word in call.keywords:
        texts.append(f"{word.arg}={ast.get_source_segment(expression, word.value)}")
    return ", ".join(map(str, texts))


def literal(typed: str, node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        raise Refusal(
            f"{typed!r}: {ast.unparse(node)} is no literal. Arguments are numbers, texts, True, "
            f"False, None, and tuples, lists and dicts of them"
        ) from None


def imported(module: str) -> Any:
    try:
        return importlib.import_module(module)
    except (Exception, SystemExit) as error:
        name = getattr(error, "name", None) if isinstance(error, ModuleNotFoundError) else None
        if name and f"{module}.".startswith(f"{name}."):
            reason = f"There is no module {name!r}. It has to be installed, or to lie in the folder"
            raise Refusal(f"{reason} in which you are") from None
        raise Refusal(f"{module} cannot be imported: {said_by(error)}") from None


def is_built(value: Any) -> bool:
    """Whether a value is a net (which is callable as well) or a dataset, not what builds one."""
    return not callable(value) or (hasattr(value, "parameters") and not isinstance(value, type))


def suggestions(value: Any, name: str) -> str:
    """Names that could be meant in its place, for a message."""
    members = getattr(value, "__dict__", {}).items()
    names = [name for name, part in members if callable(part) and not name.startswith("_")]
    chosen = difflib.get_close_matches(name, names, 3) or sorted(names)[:6]
    return f"; it has {', '.join(chosen)}" if chosen else ", and nothing else to be called"
