"""The command line of the generated project, in parts of which a bug can take the place of one."""

import importlib.util
import types
from collections.abc import Callable

from mnist_vae import run
from suites import AbstractTestCommandLine

from . import PROJECT
from .seeding import seed
from .subjects import set_up_adopted

Edit = tuple[str, str]


def edited(name: str, *edits: Edit) -> types.ModuleType:
    """A copy of a module of the project, with other text in the place of some."""
    spec = importlib.util.find_spec(name)
    text = spec.loader.get_source(name)
    for old, new in edits:
        if text.count(old) != 1:
            raise ValueError(f"{name} has {old!r} {text.count(old)} times.")
        text = text.replace(old, new)
    module = types.ModuleType(name)
    module.__package__ = spec.parent
    exec(compile(text, spec.origin, "exec"), vars(module))
    return module


def edited_program(*edits: Edit, options: tuple[Edit, ...] = ()) -> types.ModuleType:
    """run.py with edits, and with a copy of options.py that has edits of its own."""
    program = edited("mnist_vae.run", *edits)
    if options:
        module = edited("mnist_vae.options", *options)
        shared = {name for name in vars(module) if vars(program).get(name) is not None}
        vars(program).update({n: vars(module)[n] for n in shared if not n.startswith("__")})
        program.make_parser = module.make_parser
    return program


def adopted(program: types.ModuleType) -> type:
    """The test case of the project's tests/test_run.py, with a program in the place of run.py."""
    path = PROJECT / "tests" / "test_run.py"
    text = path.read_text(encoding="utf-8").replace("tests.suites", "suites")
    names: dict = {"__name__": "test_run"}
    exec(compile(text, path, "exec"), names)
    names["run"] = program
    case = names["TestRun"]
    case.parser = program.make_parser(program.NETWORKS)
    return case


def set_up_program(case, program: types.ModuleType = run):
    """Gives a test case all that tests/test_run.py declares."""
    set_up_adopted(case, adopted(program))


def program_bug(check: str, message: str, *edits: Edit, source="common knowledge", options=()):
    """For a name; the edits of run.py and of options.py are the bug."""

    def decorate(subject: Callable):
        def set_up(case):
            set_up_program(case, edited_program(*edits, options=options))

        return seed(subject, AbstractTestCommandLine, check, message, set_up, source)

    return decorate
