# SPDX-License-Identifier: MIT
"""Records what a model computes, or the first steps of a training, for the checks against it.

python -m tests.suites.record tests.test_model.TestMLPVAE
python -m tests.suites.record tests.test_trainer.TestTrainer

write the file that the attribute `recorded_outputs` of a test case of a model names, or
`recorded_result` of one of a trainer. Run it once, and again after a change that is meant. Where
the suites are installed, it is `unittest_torch.record`.
"""

import json
import pkgutil
import re
import sys
import unittest
from pathlib import Path

# The attributes that declare a record, and a usual name for its file.
FILES = {"recorded_outputs": "model.json", "recorded_result": "losses.json"}


def record(name: str) -> Path:
    """Writes the record of a test case, given by its full name; returns the path of the file.

    Raises ValueError where the case cannot be recorded, with the reason.
    """
    cls = pkgutil.resolve_name(name)
    attribute = next((a for a in FILES if hasattr(cls, a)), None)
    if attribute is None:
        raise ValueError(f"{name} is no test case of a model or a trainer, which can be recorded.")
    if getattr(cls, attribute) is None:
        usual = f'{attribute} = Path(__file__).with_name("{FILES[attribute]}")'
        raise ValueError(f"{name}.{attribute} is not declared.\nDeclare it in the class: {usual}.")
    cls.setUpClass()
    try:
        first = new_record(cls)
        second = new_record(cls, first)
    except (unittest.SkipTest, AssertionError) as error:
        raise ValueError(f"{name} cannot be recorded: {error}") from None
    finally:
        cls.tearDownClass()
        cls.doClassCleanups()
    if first != second:
        raise ValueError(
            f"{name} computes something else in a second instance, with the same weights and "
            f"inputs.\nIs a tensor that it computes with drawn at random, but no parameter, or a "
            f"generator used that no seed sets?"
        )
    path = Path(getattr(cls, attribute))
    path.write_text(as_text(first), encoding="utf-8")
    return path


def new_record(cls: type, old: dict | None = None) -> dict:
    check = next(n for n in dir(cls) if n.startswith("test_reproduces_recorded_"))
    case = cls(check)
    case.setUp()
    try:
        return case.new_record(old)
    finally:
        case.tearDown()
        case.doCleanups()


def as_text(record: dict) -> str:
    """Indented JSON, but for lists of numbers, which stay on a line."""

    def on_a_line(found: re.Match) -> str:
        return "".join(found[0].split()).replace(",", ", ")

    return re.sub(r'\[[^{}"]*\]', on_a_line, json.dumps(record, indent=1)) + "\n"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    try:
        print(record(sys.argv[1]))
    except ValueError as error:
        sys.exit(str(error))
