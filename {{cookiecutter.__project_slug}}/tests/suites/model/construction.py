# SPDX-License-Identifier: MIT
"""Properties of the constructor of a model: it draws its weights from torch, and seeds nothing."""

import random
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from unittest import mock

import numpy as np
import torch
from torch import Tensor, nn

from ..contract import newly_set_up
from ..instruments.copies import uncompiled
from ..instruments.seeds import all_seeded
from .probing import ModelProbe

# What sets a global generator to a state of its own.
SEEDERS = (
    (torch, "manual_seed"),
    (torch.random, "manual_seed"),
    (torch.cuda, "manual_seed"),
    (torch.cuda, "manual_seed_all"),
    (np.random, "seed"),
    (random, "seed"),
)
GENERATORS = ("torch", "numpy", "random")


class ConstructionTests(ModelProbe):
    """Tests of building a net. Part of AbstractTestModel.

    A setUp may seed. What it calls does nothing here; what a constructor calls does its work.
    """

    def test_constructor_seeds_nothing(self):
        """Built under two seeds, a model has two sets of weights and leaves two random states."""
        self.require_running()
        self.require_fresh_initialisation()
        (first, state), (second, other_state) = self.built(seed=1), self.built(seed=2)
        for name, before, after in zip(GENERATORS, state, other_state, strict=True):
            if before == after:
                self.fail(
                    f"{self.net_name()}: its constructor leaves the generator of {name} in the "
                    f"same state under two seeds.\nA seed is set {self.seeded_where(name)}: every "
                    f"later shuffle, dropout and augmentation repeats itself. Seed in the script."
                )
        pairs = list(zip(first.parameters(), second.parameters(), strict=True))
        drawn = [(a, b) for a, b in pairs if a.is_floating_point() and varies(a)]
        if not drawn:
            self.skipTest(f"{self.net_name()} starts with constant weights.")
        if all(torch.equal(a, b) for a, b in drawn):
            self.fail(
                f"{self.net_name()} starts with the same weights under two seeds.\nThey come from "
                f"a seed in its constructor, or from a file; in that case set pretrained = True."
            )

    def test_weights_come_from_torch(self):
        """Built under one seed of torch, a model has the same weights, whatever other seeds are."""
        self.require_running()
        self.require_fresh_initialisation()
        (first, _), (second, _) = self.built(seed=1), self.built(seed=1, others=2)
        for (name, before), after in zip(
            first.named_parameters(), second.parameters(), strict=True
        ):
            if before.shape != after.shape or not torch.equal(before, after):
                self.fail(
                    f"{self.net_name()}.{name} starts with other values under the same seed of "
                    f"torch.\nIs it drawn by numpy or Python's random? torch.manual_seed does not "
                    f"reach them: draw it with torch.nn.init."
                )

    def built(self, seed: int, others: int | None = None) -> tuple[nn.Module, list]:
        """A newly built net, and the states in which it leaves the generators."""
        self.seeding_calls: list[str] = []
        with all_seeded(seed if others is None else others):
            torch.default_generator.manual_seed(seed)
            with constructors_seed_only(self.seeding_calls):
                other = newly_set_up(self)
            states = [
                torch.get_rng_state().tolist(),
                np.random.get_state(legacy=False)["state"]["key"].tolist(),
                random.getstate(),
            ]
        if other.net is self.net:
            self.skipTest(f"{type(self).__name__}.setUp does not build a new net.")
        return uncompiled(other.net), states

    def seeded_where(self, generator: str) -> str:
        calls = [call for call in self.seeding_calls if call.startswith(f"by {generator}.")]
        return calls[0] if calls else "in its constructor"


@contextmanager
def constructors_seed_only(calls: list[str]) -> Iterator[None]:
    """Seeding works in constructors of modules, where it is noted; elsewhere it does nothing."""

    def in_place_of(seeder: Callable, name: str) -> Callable:
        def seed(*args, **kwargs):
            place = constructor_on_the_stack()
            if place:
                calls.append(f"by {name}() {place}")
                return seeder(*args, **kwargs)

        return seed

    with ExitStack() as stack:
        for module, name in SEEDERS:
            replacement = in_place_of(getattr(module, name), f"{module.__name__}.{name}")
            stack.enter_context(mock.patch.object(module, name, replacement))
        yield


def constructor_on_the_stack() -> str:
    """Where the innermost constructor of a module stands that is running; empty if none is."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        first = frame.f_code.co_varnames[:1]
        if frame.f_code.co_name == "__init__" and first:
            subject = frame.f_locals.get(first[0])
            if isinstance(subject, nn.Module):
                file = Path(frame.f_code.co_filename).name
                return f"in {type(subject).__name__}.__init__ ({file}, line {frame.f_lineno})"
        frame = frame.f_back
    return ""


def varies(values: Tensor) -> bool:
    return values.numel() > 1 and not torch.equal(values, values.flatten()[0].expand_as(values))
