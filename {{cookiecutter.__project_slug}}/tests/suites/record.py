# SPDX-License-Identifier: MIT
"""Records what a model computes, for the check that `recorded_outputs` declares.

python -m tests.suites.record tests.test_model.TestMLPVAE

writes the file that the attribute `recorded_outputs` of this test case names. Run it once, and
again after a change of the architecture that is meant. Where the suites are installed, it is
`unittest_torch.record`.
"""

import json
import pkgutil
import re
import sys
import unittest
from pathlib import Path

CHECK = "test_reproduces_recorded_outputs"


def record(name: str) -> Path:
    """Writes the record of a test case, given by its full name; returns the path of the file.

    Raises ValueError where the case cannot be recorded, with the reason.
    """
    cls = pkgutil.resolve_name(name)
    if getattr(cls, "recorded_outputs", None) is None:
        raise ValueError(
            f"{name}.recorded_outputs is not declared.\n"
            f'Declare it in the class: recorded_outputs = Path(__file__).with_name("model.json").'
        )
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
            f"inputs.\nIs a tensor that it computes with drawn at random, but no parameter?"
        )
    path = Path(cls.recorded_outputs)
    path.write_text(as_text(first))
    return path


def new_record(cls: type, old: dict | None = None) -> dict:
    case = cls(CHECK)
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
