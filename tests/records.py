"""Records in a temporary folder, of what is correct, for bugs and variants to be compared with."""

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

from suites.record import as_text


def record_result(case, change: Callable[[dict], object] | None = None):
    """Records the trainer of a test case, and declares the record, perhaps with a change in it."""
    directory = tempfile.TemporaryDirectory()
    case.addCleanup(directory.cleanup)
    record = case.new_record()
    if change is not None:
        change(record)
    case.recorded_result = Path(directory.name, "losses.json")
    case.recorded_result.write_text(as_text(record))


def of_another_machine(record: dict):
    """As if it had been recorded elsewhere, by kernels that round in another way."""
    record["machine"] = {**record["machine"], "system": "Darwin arm64", "kernels": "NEON"}
    for step in record["steps"]:
        step["loss"] *= 1 + 2e-6
        step["gradient"] *= 1 - 8e-6


def with_other_random_numbers(record: dict):
    """As if another version drew other numbers from the same seed, so that all losses differ."""
    record["machine"] = {**record["machine"], "torch": "3.0"}
    record["draws"] = [number / 2 for number in record["draws"]]
    for step in record["steps"]:
        step["loss"] *= 2


def written(text: str) -> Callable:
    """A set-up that leaves a file with this text in the place of the record."""

    def spoil(case):
        Path(case.recorded_result).write_text(text)

    return spoil


def without(key: str) -> Callable:
    """The same with a record that lacks something in every step."""

    def spoil(case):
        path = Path(case.recorded_result)
        record = json.loads(path.read_text())
        for step in record["steps"]:
            del step[key]
        path.write_text(as_text(record))

    return spoil
