# SPDX-License-Identifier: MIT
"""Properties of checkpoints: what a run resumes from, and what writing one leaves alone."""

import math
from functools import partial
from pathlib import Path

import numpy as np

from ..instruments.seeds import all_seeded
from .building import BATCH_SIZE, SIZE
from .resumed_runs import EPOCHS, ResumedRuns
from .snapshot import different_keys, equal, snapshot


class CheckpointTests(ResumedRuns):
    """Tests of saving and resuming. Part of AbstractTestTrainer."""

    uses_numpy = False  # whether the training that is resumed draws from NumPy's generator

    def test_resumed_run_equals_uninterrupted_run(self):
        """Interrupted after an epoch and resumed, a run ends in the same state, bit for bit."""
        self.require_checkpoints()
        if not self.resumes:
            self.check_weights_loaded()
            return
        for settings in self.precision_settings():
            with self.subTest(**settings):
                self.check_resumed(lambda trainer: self.train(trainer, 1), settings)

    def test_run_stopped_within_an_epoch_goes_on_there(self):
        """Stopped before the last batch of an epoch and resumed, a run ends in the same state."""
        self.require_checkpoints()
        if not self.stops_within_epochs:
            self.skipTest("The trainer is declared not to stop within an epoch.")
        if not hasattr(self.trainer, "stop_requested") or not hasattr(self.trainer, "train_step"):
            self.skipTest("The trainer has no stop_requested and train_step.")
        if not self.restores_random_state:
            self.skipTest("Within an epoch, a run goes on only from the random state it had.")
        batches = SIZE // BATCH_SIZE + (not self.drops_last_batch)
        for settings in self.precision_settings():
            with self.subTest(**settings):
                self.check_resumed(partial(self.train_until, steps=2 * batches - 1), settings)

    def require_checkpoints(self):
        self.require_complete()
        self.require("save_checkpoint", "load_checkpoint")

    def check_weights_loaded(self):
        """Weights and buffers are those that were saved."""
        path = Path(self.new_folder(), "checkpoint.pt")
        saved, loaded = self.probe_trainer(), self.probe_trainer(seed=1)
        with all_seeded(0):
            self.train(saved, 1)
            self.save_checkpoint(saved, path)
            self.load_checkpoint(loaded, path)
            if self.restores_at == "next_train":
                self.skipTest("Where training goes on after loading, weights cannot be compared.")
        states = [dict(self.model_of(trainer).state_dict()) for trainer in (saved, loaded)]
        if different := different_keys(*states):
            self.fail(
                f"Right after loading, {', '.join(different[:3])} and {len(different)} weights and "
                f"buffers in all differ from those saved.\nAre all of them saved, and loaded into "
                f"this model?"
            )

    def check_resumed(self, interrupted_training, settings: dict):
        """The interruption is after the first epoch, before the second one ends."""
        path = Path(self.new_folder(), "checkpoint.pt")
        whole, interrupted, resumed = (self.resumable(seed, **settings) for seed in (0, 0, 1))
        for trainer in (whole, interrupted):
            self.fit_scale(trainer)
        with all_seeded(0):
            before = numpys_random_state()
            self.train_without_interruption(whole)
            self.uses_numpy = not equal(before, numpys_random_state())
            expected = self.state(whole)
        with all_seeded(0):
            interrupted_training(interrupted)
            self.save_checkpoint(interrupted, path)
            saved = self.state(interrupted)
        with all_seeded(2):
            self.load_checkpoint(resumed, path)
            if self.restores_at == "load":
                self.check_loaded(saved, self.state(resumed))
            with self.seeded_unless_restored():
                self.train(resumed, EPOCHS - 1)
            found = self.state(resumed)
        self.check_log(whole, interrupted, resumed)
        different = [key for key in different_keys(expected, found) if self.is_restored(key)]
        if different:
            cause = (
                ", though they were loaded.\nIs the order of the samples or the number of batches "
                "done not what it was?"
                if self.restores_at == "load"
                else ".\nAre model, optimizer, scheduler and counters all saved, and restored?"
            )
            self.fail(
                f"After resuming, {', '.join(different[:3])} and {len(different)} states in all "
                f"differ from those of an uninterrupted run{cause}"
            )
        self.check_evaluated(whole, resumed)
        if self.restores_random_state:
            self.check_logged_values(*map(self.log, (whole, interrupted, resumed)))

    def check_evaluated(self, whole, resumed):
        if not self.has("evaluate") or self.noisy_evaluation:
            return
        with all_seeded(0):
            expected = self.numbers(whole)
        with all_seeded(0):
            found = self.numbers(resumed)
        for name, value in expected.items():
            if found[name] != value and not math.isnan(value):
                self.fail(
                    f"After resuming, eval() gives {found[name]:.6g}; that of an uninterrupted run "
                    f"is {value:.6g}, though the model is the same.\nDoes it take averaged "
                    f"weights, or something else, that the checkpoint does not hold?"
                )

    def state(self, trainer) -> dict:
        """All that a run goes on from; NumPy's generator only where training draws from it."""
        numpys = {"NumPy's random state": numpys_random_state()} if self.uses_numpy else {}
        return {**snapshot(self, trainer), **chosen_by(trainer), **numpys}

    def check_loaded(self, saved: dict, loaded: dict):
        different = [
            key
            for key in different_keys(saved, loaded)
            # The next step sets gradients and modes.
            if not key.startswith(("the gradient", "the mode")) and self.is_restored(key)
        ]
        if different:
            self.fail(
                f"Right after loading, {', '.join(different[:3])} and {len(different)} states in "
                f"all differ from those saved.\nAre model, optimizer, scheduler, the best result "
                f"and the states of the random generators, also Python's and NumPy's, all saved, "
                f"and loaded?"
            )

    def test_training_writes_checkpoints(self):
        """train() writes a checkpoint after every epoch, unless it is switched off."""
        self.require_checkpoints()
        has = hasattr(self.trainer, "checkpoint_path")
        if not has or not self.takes("save_checkpoints"):
            self.skipTest("The trainer has no save_checkpoints and checkpoint_path.")
        off, on = (self.resumable(0, save_checkpoints=switch) for switch in (False, True))
        with all_seeded(0):
            self.train(off, 1)
            if Path(off.checkpoint_path).exists():
                self.fail("train() writes a checkpoint, though save_checkpoints is False.")
            for epoch in range(2):
                self.train(on, 1)
                self.check_written(epoch, on)

    def check_written(self, epoch: int, trainer):
        """The checkpoint of an epoch has the state after it, and a run goes on with the next."""
        path = Path(trainer.checkpoint_path)
        if not path.exists():
            self.fail(f"After epoch {epoch} there is no checkpoint at {path.name}.")
        saved = snapshot(self, trainer)  # before another trainer is built, which may draw numbers
        other = self.resumable(1, save_checkpoints=False)
        with all_seeded(2):
            self.load_checkpoint(other, path)
            self.check_loaded(saved, snapshot(self, other))
            self.train(other, 1)
        if self.eval_tag is None:
            return
        last, found = (self.entries(t, self.eval_tag)[-1][0] for t in (trainer, other))
        if found != last + 1:
            self.fail(
                f"With the checkpoint of epoch {last}, a run goes on with epoch {found}.\nIs it "
                f"written before the epoch is counted?"
            )


def chosen_by(trainer) -> dict:
    """The numbers by which a run knows its best epoch, from which a later one is to be told."""
    return {
        f"trainer.{name}": value
        for name, value in getattr(trainer, "__dict__", {}).items()
        if type(value) in (int, float) and "best" in name.lower()
    }


def numpys_random_state() -> list:
    kind, keys, *others = tuple(np.random.get_state())
    return [kind, np.asarray(keys).tolist(), *others]
