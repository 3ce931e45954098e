# SPDX-License-Identifier: MIT
"""Records of what an earlier version computed: small JSON files beside the tests."""

import json
from pathlib import Path
from typing import Any

RECORDER = __name__.rpartition(".instruments.")[0] + ".record"


def record_command(case) -> str:
    """The command that writes the record of a test case."""
    return f"python -m {RECORDER} {type(case).__module__}.{type(case).__qualname__}"


def read_record(case, attribute: str, pattern: Any) -> dict:
    """The record that an attribute names; skips where none is declared.

    Fails, with one sentence and the command, where the file is missing or is no such record.
    """
    declared = getattr(case, attribute)
    if declared is None:
        case.skipTest(f"{type(case).__name__}.{attribute} is not declared.")
    file = Path(declared)
    if not file.exists():
        case.fail(f"{file} does not exist.\nWrite it, once: {record_command(case)}")
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        case.fail(f"{file} is no JSON: {error}.\nWrite it anew: {record_command(case)}")
    if problem := misfit(record, pattern):
        case.fail(f"{file} is no {attribute}: {problem}.\nWrite it anew: {record_command(case)}")
    return record


def misfit(value: Any, pattern: Any, name: str = "it") -> str:
    """Where a value is not what a pattern asks for; empty where it fits.

    A pattern is a type, several types in a tuple, a list with the pattern of every entry, or a dict
    with the patterns of keys that have to be there.
    """
    kind: Any = pattern if isinstance(pattern, type | tuple) else type(pattern)
    if not isinstance(value, kind):
        return f"{name} is {json.dumps(value)[:40]}"
    if isinstance(pattern, dict):
        if missing := [key for key in pattern if key not in value]:
            return f"{name} has no {missing[0]!r}"
        parts = [(value[key], each, repr(key)) for key, each in pattern.items()]
    else:
        entry = f"an entry of {name}"
        parts = [(v, pattern[0], entry) for v in value] if isinstance(pattern, list) else []
    return next((found for part in parts if (found := misfit(*part))), "")


def check_names(case, owner: str, record: dict, current: dict):
    """Fails where parameters or buffers have other names or shapes than those recorded."""
    for kind in ("parameters", "buffers"):
        old, new = record[kind], current[kind]
        gone, added = sorted(set(old) - set(new)), sorted(set(new) - set(old))
        if gone or added:
            case.fail(
                f"{owner} had {kind} {gone[:3]} when it was recorded, and has {added[:3]} in their "
                f"place.\nWas a layer renamed, moved, added or removed? Older checkpoints do not "
                f"load. If that is meant: {record_command(case)}"
            )
        for name, shape in old.items():
            if shape != new[name]:
                case.fail(
                    f"{owner}.{name} had the shape {tuple(shape)} when it was recorded, and has "
                    f"{tuple(new[name])}.\nOlder checkpoints do not load. If that is meant: "
                    f"{record_command(case)}"
                )
