# SPDX-License-Identifier: MIT
"""Properties of wiring: each option arrives, the data are whole, the schedule ends with the run."""

import math
import warnings
from argparse import SUPPRESS
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import ReduceLROnPlateau

from ...instruments.comparing import same
from ...instruments.seeds import seeded
from ..calls import Call, observed_calls, training_calls
from ..marks import input_in
from ..observing import flat
from .contract import CommandLineContract


class WiringTests(CommandLineContract):
    """Tests of what a program builds. Part of AbstractTestCommandLine."""

    def test_options_reach_the_trainer(self):
        """Each option has the value in the trainer that it was given on the command line."""
        shown = self.shown(self.trainer)
        for option, given in self.options.items():
            if option in self.not_shown or option == self.seed_option:
                continue
            with self.subTest(option=option):
                if option not in shown:
                    self.fail(
                        f"{type(self).__name__}.shown(trainer) does not say where {option} shows."
                        f"\nAdd it there, or to not_shown with the reason."
                    )
                if not agrees(shown[option], given):
                    self.fail(
                        f"{option} is {given!r} on the command line, and {shown[option]!r} in what "
                        f"is built.\nIs it passed on, to the right argument, and not overwritten?"
                    )

    def test_every_option_is_given(self):
        """The test gives each option of the parser, with another value than its default."""
        if self.parser is None:
            self.skipTest(f"{type(self).__name__}.parser is not declared.")
        for action in self.parser._actions:
            names = set(action.option_strings)
            if not names or action.default is SUPPRESS or names & {*self.not_shown}:
                continue
            option = max(names, key=len)
            with self.subTest(option=option):
                if option not in self.options:
                    self.fail(
                        f"{option} is not among the options of {type(self).__name__}, so that it "
                        f"may reach nothing.\nAdd it there, or to not_shown with the reason."
                    )
                if agrees(action.default, self.options[option]):
                    self.fail(
                        f"{option} is given its default, {action.default!r}: it would not be seen "
                        f"if it reached nothing.\nGive it another value in options."
                    )

    def test_an_epoch_has_all_samples(self):
        """Both splits are whole, and an epoch of training goes through all of its own."""
        if self.num_samples is None:
            self.skipTest("No number of samples is declared (num_samples).")
        trainer = self.built({**self.options, **self.quicker})
        data = self.data_of(trainer)
        for split, number in self.num_samples.items():
            if len(getattr(data, split)) != number:
                self.fail(
                    f"{split} has {len(getattr(data, split))} samples; declared are {number}.\nIs "
                    f"a limit left over from debugging?"
                )
        sizes = self.sizes_of_batches(trainer)
        used, whole = sum(sizes), self.num_samples.get("train_data", sum(sizes))
        missing = max(sizes) - 1 if self.drops_last_batch else 0
        if not whole - missing <= used <= whole:
            self.fail(
                f"An epoch of {len(sizes)} batches has {used} of {whole} training samples.\nIs a "
                f"limit to the batches left over from debugging, or the last one dropped?"
            )

    def sizes_of_batches(self, trainer) -> list[int]:
        with calls_from_outside(self.model_of(trainer)) as noted, seeded(0):
            self.train(trainer, 1)
        calls = [call for call in training_calls(noted) if size_of(call)]
        if not calls:
            self.skipTest("train(1) calls no module of the model with gradients.")
        # Another network may begin with noise.
        sample = input_in(self.data_of(trainer).train_data[0])
        calls = [call for call in calls if is_batch_of(sample, call.inputs[0])] or calls
        # Where parts of a model are called one after another, a batch begins with the first.
        return [size_of(call) for call in calls if call.module is calls[0].module]

    def test_schedule_ends_with_the_run(self):
        """From the first to the last epoch, the learning rates are the declared ones."""
        self.require_complete()
        if self.learning_rates is None:
            self.skipTest("The learning rates of a run are not declared (learning_rates).")
        schedulers = self.schedulers(self.trainer).values()
        if any(isinstance(scheduler, ReduceLROnPlateau) for scheduler in schedulers):
            self.skipTest("The schedule follows the evaluation: it has no rates beforehand.")
        optimizers = self.optimizers(self.trainer)
        if not optimizers:
            self.skipTest("The optimizer exists only within train(). Override optimizers(trainer).")
        found = [rates_of(optimizers)]
        with warnings.catch_warnings(action="ignore"):  # that no optimizer step was taken
            for _ in self.learning_rates[1:]:
                for scheduler in schedulers:
                    scheduler.step()
                found.append(rates_of(optimizers))
        for name in optimizers:
            owner = name if len(optimizers) > 1 else "the run"
            self.check_rates([rates[name] for rates in found], owner)

    def check_rates(self, found: list[float], owner: str):
        declared = self.learning_rates or []
        pairs = zip(found, declared, strict=True)
        if not all(math.isclose(rate, expected, rel_tol=1e-6) for rate, expected in pairs):
            self.fail(
                f"The learning rates of {owner} are {shortened(found)}; declared are "
                f"{shortened(declared)}.\nIs its horizon that of this run, in epochs or "
                f"in steps as it is stepped, and is it a schedule of this optimizer?"
            )

    def test_seed_decides_the_weights(self):
        """The same seed builds the same weights, and another one others."""
        self.require_complete()
        if self.seed_option is None:
            self.skipTest("The program is declared to have no seed (seed_option).")
        first, again, other = (self.first_weights(*seeds) for seeds in ((1, 0), (1, 1), (2, 0)))
        if not first.equal(again):
            self.fail(
                f"With {self.seed_option}=1, two runs begin with different weights.\nIs the model "
                f"built before the generators are seeded, or by one that no seed sets?"
            )
        if first.equal(other):
            self.fail(
                f"With {self.seed_option}=1 and {self.seed_option}=2, runs begin with the same "
                f"weights.\nIs the seed of the command line the one that is set?"
            )

    def first_weights(self, seed: int, outside: int) -> Tensor:
        trainer = self.built({**self.options, str(self.seed_option): seed}, outside)
        return flat(self.model_of(trainer).parameters())


def rates_of(optimizers: dict[str, Optimizer]) -> dict[str, float]:
    """The learning rate of the first group of each optimizer."""
    return {name: float(o.param_groups[0]["lr"]) for name, o in optimizers.items()}


@contextmanager
def calls_from_outside(model: nn.Module) -> Iterator[list[Call]]:
    """Notes the calls that are not given what the model has just made, as a discriminator is."""
    calls: list[Call] = []
    made: deque[Tensor] = deque(maxlen=8)

    def note(call: Call):
        if not any(same(call.inputs[0], tensor) for tensor in made if call.inputs):
            calls.append(call)

    def keep(call: Call):
        made.extend(tensor.detach() for tensor in call.outputs)

    with observed_calls(model, before=note, after=keep):
        yield calls


def is_batch_of(sample, inputs: Tensor) -> bool:
    return isinstance(sample, Tensor) and inputs.shape[1:] == sample.shape


def size_of(call: Call) -> int:
    return len(call.inputs[0]) if call.inputs and call.inputs[0].dim() else 0


def agrees(found, given) -> bool:
    """Whether two values are the same, as numbers or as they are written."""
    if isinstance(found, int | float) and isinstance(given, int | float):
        return math.isclose(found, given, rel_tol=1e-9)
    return str(found) == str(given)


def shortened(rates: list[float]) -> str:
    texts = [f"{rate:.4g}" for rate in rates]
    return ", ".join(texts if len(texts) <= 6 else [*texts[:3], "...", *texts[-2:]])
