# SPDX-License-Identifier: MIT
"""Properties of epochs: every sample once, in a new order, in the right mode, repeatable."""

import itertools
import math
from dataclasses import dataclass

import torch
from torch.utils.data import IterableDataset

from ..instruments.seeds import all_seeded, seeded
from .building import BATCH_SIZE, SIZE
from .calls import Call, training_calls
from .observing import observed_steps
from .probing import TrainerProbe

EPOCHS = 2
# More than the usual numbers after which a loop is left, or something is done in between.
LONG_EPOCH = 150
LONG_BATCH = 2  # of one sample there are no statistics


class EpochTests(TrainerProbe):
    """Tests of what the model is given, and where. Part of AbstractTestTrainer."""

    def test_an_epoch_has_every_training_sample_once(self):
        """Every sample of the training split is used once in an epoch, in full batches."""
        if not self.samples_without_replacement:
            self.skipTest("Samples are declared to be drawn with replacement.")
        trainer = self.probe_trainer()
        self.require_marked(trainer)
        expected = SIZE - SIZE % BATCH_SIZE if self.drops_last_batch else SIZE
        epochs = self.epochs_of(trainer)
        self.require_unmixed(expected, epochs)
        for number, epoch in enumerate(epochs):
            used = sum(epoch.batches, [])
            if len(used) != expected or len(set(used)) != expected:
                cause = (
                    "Are some repeated? Declare a sampler that draws with replacement by "
                    "samples_without_replacement = False."
                    if len(used) > len(set(used))
                    else "Is the last batch dropped, the loop left early, or the loader used up?"
                )
                self.fail(
                    f"Epoch {number} uses {len(used)} training samples, {len(set(used))} of them "
                    f"different; expected {expected} of {SIZE}.\n{cause}"
                )
            self.check_batch_size(number, epoch)

    def require_unmixed(self, expected: int, epochs: list["Epoch"]):
        """Skips where inputs are mixed: all 22 look like others by chance once in 1e4 times."""
        known = sum(len(sum(epoch.batches, [])) for epoch in epochs)
        if all(epoch.rows == expected for epoch in epochs) and known < expected * len(epochs):
            self.skipTest(
                f"In each epoch the model is given {expected} inputs, as it should be, but some of "
                f"them are no samples of the dataset. Are they mixed, or changed in another way?"
            )

    def check_batch_size(self, number: int, epoch: "Epoch"):
        steps = math.ceil(SIZE / BATCH_SIZE) * max(1, len(self.updates or ()))
        # A batch may go through the model in parts, and several batches may make up a step.
        sizes = [len(batch) for batch in epoch.batches]
        if max(sizes) > BATCH_SIZE or epoch.steps > steps:
            self.fail(
                f"Epoch {number} has batches of {sizes} samples and {epoch.steps} optimizer steps; "
                f"expected batches of {BATCH_SIZE}, at most {steps} steps.\nIs batch_size passed "
                f"on to the loader?"
            )

    def test_a_long_epoch_is_like_a_short_one(self):
        """An epoch of 150 batches has all of them, each in training mode."""
        data = self.probe_data_of(LONG_EPOCH * LONG_BATCH)
        trainer = self.probe_trainer(data=data, batch_size=LONG_BATCH)
        self.require_marked(trainer)
        calls = training_calls(self.calls_of_epoch(trainer))
        seen = [self.samples_of(trainer, call, "train_data") for call in calls]
        used = sum(map(len, seen))
        rows = sum(self.rows_of(trainer, call) for call in calls)  # some may be mixed
        if used and max(used, rows) < len(data.train_data) and self.samples_without_replacement:
            self.fail(
                f"An epoch of {LONG_EPOCH} batches of two samples uses {used} of "
                f"{len(data.train_data)} samples.\nIs there a limit to the number of batches, left "
                f"over from debugging?"
            )
        for number, call in enumerate(calls):
            if not all(call.training):
                self.fail(
                    f"In call {number} of {len(calls)} in a long epoch, the model is in eval mode."
                    f"\nIs it evaluated in the middle of an epoch, and not switched back?"
                )

    def probe_data_of(self, size: int):
        self.require_complete()
        return self.probe_data(size)

    def calls_of_epoch(self, trainer) -> list[Call]:
        with self.observed(trainer) as calls, seeded(0):
            self.train(trainer, 1)
        return calls

    def test_every_epoch_has_its_own_order(self):
        """Two epochs, and two seeds, have the samples in different orders."""
        # Two orders of 11 samples are the same by chance once in 4e7 times.
        trainer = self.probe_trainer()
        self.require_marked(trainer)
        if isinstance(self.data_of(trainer).train_data, IterableDataset):
            self.skipTest("A dataset that is only iterated has an order of its own.")
        first, second = [sum(e.batches, []) for e in self.epochs_of(trainer)]
        if first == second:
            self.fail(
                f"Two epochs have the training samples in the same order: {first}.\nIs shuffle "
                f"missing, or the generator seeded anew in every epoch?"
            )
        other = sum(self.epochs_of(self.probe_trainer(seed=1), seed=1)[0].batches, [])
        if first == other:
            self.fail(
                "The order of the training samples is the same with two seeds.\nDoes the trainer "
                "seed a generator itself?"
            )

    def epochs_of(self, trainer, seed: int = 0) -> list["Epoch"]:
        """What the model sees of the training split in each of two epochs."""
        epochs, largest = [], 0
        with seeded(seed):
            for _ in range(EPOCHS):
                with self.observed(trainer) as calls, observed_steps(self, trainer) as steps:
                    self.train(trainer, 1)
                batches = self.training_batches(trainer, calls)
                rows = sum(self.rows_of(trainer, call) for call in training_calls(calls))
                epochs.append(Epoch(batches, len(steps), rows))
                # Parts of a model that are called one after another have other inputs.
                largest = max(largest, len(training_calls(calls)))
        if any(isinstance(step.optimizer, torch.optim.LBFGS) for step in steps):
            self.skipTest("LBFGS evaluates every batch several times.")
        if not any(epoch.batches for epoch in epochs) and largest:
            self.skipTest(
                "What the model sees in training are no inputs of the dataset. Are they changed, "
                "or is noise added?"
            )
        return epochs

    def test_trains_in_training_mode(self):
        """Every training step of every epoch has the model in training mode."""
        trainer = self.probe_trainer()
        self.model_of(trainer).eval()  # as a model may be that was evaluated before
        with self.observed(trainer) as noted, seeded(0):
            self.train(trainer, EPOCHS)
        calls = training_calls(noted)
        if not calls:
            self.skipTest(f"train({EPOCHS}) calls no module of the model with gradients.")
        # Where parts of a model are called one after another, a step begins with the first of them.
        begun = list(itertools.accumulate(call.module is calls[0].module for call in calls))
        for number, call in zip(begun, calls, strict=True):
            if not all(call.training):
                self.fail(
                    f"In step {number - 1} of {begun[-1]} the model, or a layer of it, is in eval "
                    f"mode.\nIs model.train() called in every epoch, after each evaluation?"
                )
            if samples := self.samples_of(trainer, call, "test_data"):
                self.fail(
                    f"Step {number - 1} trains on samples of the test split: {samples}.\nAre the "
                    f"two splits interchanged?"
                )

    def test_training_never_reads_the_unused_split(self):
        """train() reads no sample of the split that is kept for the end."""
        if self.unused_split is None:
            self.skipTest("No split is declared that train() must not read (unused_split).")
        trainer = self.probe_trainer()
        with self.observed(trainer) as calls, seeded(0):
            self.train(trainer, EPOCHS)
        seen = [self.samples_of(trainer, call, self.unused_split) for call in calls]
        if any(seen):
            self.fail(
                f"train() reads {sum(map(len, seen))} samples of {self.unused_split}.\nIs it "
                f"used for early stopping, for the best weights or for a schedule? Take a "
                f"validation split."
            )

    def test_same_seed_same_run(self):
        """Under the same seed, two runs give the same weights, bit for bit."""
        runs = []
        for _ in range(2):
            trainer = self.probe_trainer()
            with all_seeded(3):
                self.train(trainer, EPOCHS)
            runs.append(self.model_of(trainer).state_dict())
        different = [name for name in runs[0] if not torch.equal(runs[0][name], runs[1][name])]
        if different:
            self.fail(
                f"Two runs with the same seed differ in {', '.join(different[:3])}.\nDoes "
                f"something draw from a generator that no seed of torch or of Python's random sets?"
            )


@dataclass
class Epoch:
    batches: list[list[int]]  # the training samples that the model sees at once
    steps: int
    rows: int = 0  # inputs, whether or not they are samples
