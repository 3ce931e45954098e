# SPDX-License-Identifier: MIT
"""What an earlier version of a model computed is reproduced. It is checked where it is declared."""

from pathlib import Path
from typing import Any

from torch import nn

from ..instruments.calls import draws_random_numbers
from ..instruments.formula import fill_by_formula
from ..instruments.nested import named_tensors
from ..instruments.record_files import check_names, read_record, record_command
from ..instruments.records import (
    agree,
    recorded_calls,
    recorded_inputs,
    recorded_names,
    restored_inputs,
)
from .kinds import leaves
from .probing import ModelProbe

# What a record has at least.
PATTERN = {"parameters": dict, "buffers": dict, "tolerance": float, "inputs": dict, "calls": dict}


class RecordedOutputsTests(ModelProbe):
    """Tests against a record. Part of AbstractTestModel; they skip without `recorded_outputs`.

    A checkpoint outlives the code that it was written with. The record holds names and shapes of
    parameters and buffers, and what each layer returns for weights and inputs that follow from a
    formula: a renamed layer or another activation is found before an old checkpoint meets it.
    """

    # A small JSON file beside the tests: Path(__file__).with_name("mlpvae.json"). It is written,
    # also after a change that is meant, by `python -m tests.suites.record
    # tests.test_model.TestMLPVAE` with the name of the test case.
    recorded_outputs: Path | str | None = None

    def test_reproduces_recorded_outputs(self):
        """Names, shapes and outputs are those that an earlier version had."""
        record = read_record(self, "recorded_outputs", PATTERN)
        check_names(self, self.net_name(), record, recorded_names(self.net))
        current = self.new_record(record)
        for name, calls in record["calls"].items():
            self.check_calls(name, calls, current["calls"][name], record["tolerance"])

    def check_calls(self, function: str, old: list, new: list, tolerance: float):
        """Fails at the first call, in the order they are made, that differs from the recorded."""
        meant = f"If that is meant: {record_command(self)}"
        for before, after in zip(old, new, strict=False):
            place = f"{self.net_name()}.{before['name']}".rstrip(".")
            if before["name"] != after["name"]:
                self.fail(
                    f"{self.net_name()}: {function} called {before['name']} when it was recorded, "
                    f"where it calls {after['name']}.\nAre layers in another order? {meant}"
                )
            if before["type"] != after["type"]:
                self.fail(
                    f"{place} was {before['type']} when it was recorded, and is {after['type']}.\n"
                    f"Was a layer exchanged? {meant}"
                )
            if not agree(before["inputs"], after["inputs"], tolerance):
                self.fail(
                    f"{place} gets other inputs in {function} than when it was recorded; all "
                    f"layers called before it agree.\nDid a function just before it change, such "
                    f"as an activation? {meant}"
                )
            if not agree(before["outputs"], after["outputs"], tolerance):
                self.fail(
                    f"{place} returns something else in {function} than when it was recorded, for "
                    f"the same inputs.\nWas one of its settings changed? {meant}"
                )
        if len(old) != len(new):
            self.fail(
                f"{self.net_name()}: {function} made {len(old) - 1} calls of layers when it was "
                f"recorded, and makes {len(new) - 1}.\nWas a layer left out or added? {meant}"
            )

    def new_record(self, old: dict | None = None) -> dict:
        """Names, shapes and calls of the net, on the inputs of an old record if there is one."""
        net, precise = self.net_by_formula()
        inputs = old["inputs"] if old else {}
        calls: dict[str, list[dict]] = {}
        used: dict[str, dict] = {}
        for name, part in self.functions(net).items():
            if draws_random_numbers(part.function, part.inputs):
                self.skipTest(f"{name} draws random numbers, which another version draws anew.")
            used[name] = inputs.get(name) or recorded_inputs(part.inputs)
            self.check_shapes(part.inputs, used[name])
            calls[name] = recorded_calls(
                leaves(net), part.outputs, restored_inputs(part.inputs, used[name])
            )
        return {
            **recorded_names(self.net),
            "tolerance": 1e-6 if precise else 1e-3,
            "inputs": used,
            "calls": calls,
        }

    def check_shapes(self, inputs: Any, recorded: dict[str, dict]):
        found = {name: list(tensor.shape) for name, tensor in named_tensors(inputs)}
        expected = {name: kept["shape"] for name, kept in recorded.items()}
        if found != expected:
            self.fail(
                f"test_inputs have the shapes {list(found.values())}, and had "
                f"{list(expected.values())} when {type(self).__name__} was recorded.\nGive it "
                f"those, or record it again: {record_command(self)}"
            )

    def net_by_formula(self) -> tuple[nn.Module, bool]:
        """A copy in eval mode with weights by formula, and whether it computes in float64."""
        net = self.copied().double()
        fill_by_formula(net)
        try:
            for part in self.functions(net).values():
                part.outputs()
            return net, True
        except RuntimeError:
            net = self.copied()
            fill_by_formula(net)
            return net, False
