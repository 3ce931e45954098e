# SPDX-License-Identifier: MIT
"""A test case as a file: what is run, and what is kept where it is asked for."""

import sys
from dataclasses import dataclass, field
from pathlib import Path

from .subject import Refusal, Subject

PACKAGE = __package__.rpartition(".")[0]  # unittest_torch, or tests.suites


@dataclass
class CaseFile:
    """The parts of a test case, as lines of Python."""

    subject: Subject
    suite: type
    name: str  # the class that is tested
    set_up: list[str]
    declared: dict[str, str] = field(default_factory=dict)  # attributes and their values
    methods: list[str] = field(default_factory=list)

    def text(self) -> str:
        declared = [f"{name} = {value}" for name, value in self.declared.items()]
        body = [*declared, *([""] if declared else []), "def setUp(self):", *indented(self.set_up)]
        lines = [
            f'"""Tests of {self.subject.module}; the docstring of {PACKAGE} is the manual."""',
            *["", "import unittest", "", *self.imports(), "", ""],
            f"class Test{self.name}(unittest.TestCase, {self.suite.__name__}):",
            *indented([*body, *self.methods]),
        ]
        return "\n".join(lines) + "\n"

    def imports(self) -> list[str]:
        """In the order that linters want: what is installed, then what is the owner's."""
        own = f"from {self.subject.module} import {self.subject.names[0]}"
        suites = f"from {PACKAGE} import {self.suite.__name__}"
        installed = ["import torch"] if "torch." in str([self.set_up, self.declared]) else []
        others: list[str] = []
        for line, module in sorted([(own, self.subject.module), (suites, PACKAGE)]):
            (installed if is_installed(module) else others).append(line)
        others.sort(key=lambda line: line == suites)
        blocks = [installed, *([line] for line in others)]
        return "\n\n".join("\n".join(block) for block in blocks if block).splitlines()


def indented(lines: list[str]) -> list[str]:
    return [f"    {line}" if line else "" for line in lines]


def is_installed(module: str) -> bool:
    """Whether a module that is imported is no part of the owner's own project."""
    path = Path(getattr(sys.modules[module], "__file__", None) or "")
    return bool({"site-packages", "dist-packages"} & set(path.parts))


def check_new(path: Path):
    """Refuses a file that there is already, or that unittest would not find."""
    if path.exists():
        raise Refusal(f"--write {str(path)!r}: it exists already, and nothing is overwritten")
    if not (path.stem.isidentifier() and path.match("test*.py")):
        raise Refusal(f"--write {str(path)!r}: unittest finds files such as test_net.py only")
    if not path.parent.is_dir():
        raise Refusal(f"--write {str(path)!r}: there is no folder {str(path.parent)!r}")
