"""The command line of the generated project, in parts of which a bug can take the place of one."""

import importlib.util
import sys
import types
from collections.abc import Callable
from unittest import mock

from mnist_vae import run
from suites import AbstractTestCommandLine

from . import PROJECT
from .seeding import seed
from .subjects import set_up_adopted

Edit = tuple[str, str]
MODULES = ("mnist_vae.options", "mnist_vae.building", "mnist_vae.run")


def edited_program(*edits: Edit) -> types.ModuleType:
    """A copy of run.py, and of what it builds its trainer with, with other text in some places."""
    texts = {name: source_of(name) for name in MODULES}
    for old, new in edits:
        places = {name: text.count(old) for name, text in texts.items() if old in text}
        if [*places.values()] != [1]:
            raise ValueError(f"The program has {old!r} in {places}, not in a single place.")
        (name,) = places
        texts[name] = texts[name].replace(old, new)
    with mock.patch.dict(sys.modules):  # each imports from those before it
        for name, text in texts.items():
            module = sys.modules[name] = types.ModuleType(name)
            module.__package__ = "mnist_vae"
            exec(compile(text, name, "exec"), vars(module))
    return module


def source_of(name: str) -> str:
    return importlib.util.find_spec(name).loader.get_source(name)


def adopted(program: types.ModuleType) -> type:
    """The test case of the project's tests/test_run.py, with a program in the place of run.py."""
    path = PROJECT / "tests" / "test_run.py"
    text = path.read_text(encoding="utf-8").replace("tests.suites", "suites")
    names: dict = {"__name__": "test_run"}
    exec(compile(text, path, "exec"), names)
    names["run"] = program
    case = names["TestRun"]
    case.parser = program.make_parser()
    return case


def set_up_program(case, program: types.ModuleType = run):
    """Gives a test case all that tests/test_run.py declares."""
    set_up_adopted(case, adopted(program))


def program_bug(check: str, message: str, *edits: Edit, source="common knowledge"):
    """For a name; the edits of the program are the bug."""

    def decorate(subject: Callable):
        def set_up(case):
            set_up_program(case, edited_program(*edits))

        return seed(subject, AbstractTestCommandLine, check, message, set_up, source)

    return decorate
