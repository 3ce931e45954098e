"""Writes docs/checks.md, the list of all checks, from their docstrings.

python -m tests.checks_page
"""

import re

from .check_runs import checks_of
from .registry import SUITES
from .rendering import TEMPLATE

PATH = TEMPLATE / "docs" / "checks.md"
HEAD = """\
# What is checked

Every bullet is one test, under the file of `tests/suites` in which it stands. `python -m unittest
-v` prints these sentences with the result. `python -m tests.checks_page` wrote this page.
"""


def page() -> str:
    return "\n".join([HEAD, *map(section, SUITES)])


def section(suite: type) -> str:
    """The checks that a suite defines itself, by file."""
    inherited = {check for base in SUITES if base in suite.__mro__[1:] for check in checks_of(base)}
    by_file: dict[str, list[str]] = {}
    for check in checks_of(suite):
        if check not in inherited:
            by_file.setdefault(file_of(suite, check), []).append(sentence_of(suite, check))
    lines = [f"## `{suite.__name__}`", "", first_line(suite), ""]
    for file, sentences in sorted(by_file.items()):
        lines += [f"**{file}**", "", *(f"- {sentence}" for sentence in sentences), ""]
    return "\n".join(lines)


def file_of(suite: type, check: str) -> str:
    (home, *_) = [cls.__module__ for cls in suite.__mro__ if check in vars(cls)]
    return f"{home.partition('.')[2].replace('.', '/')}.py"


def sentence_of(suite: type, check: str) -> str:
    return re.split(r"\n\s*\n", getattr(suite, check).__doc__)[0].strip()


def first_line(suite: type) -> str:
    return (suite.__doc__ or "").strip().splitlines()[0]


if __name__ == "__main__":
    PATH.write_text(page(), encoding="utf-8")
