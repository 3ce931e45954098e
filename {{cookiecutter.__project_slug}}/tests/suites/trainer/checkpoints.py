"""Properties of checkpoints: what a run resumes from, and what writing one leaves alone."""

import errno
import itertools
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from unittest import mock

import torch
from torch import nn
from torch.optim.lr_scheduler import StepLR

from ..instruments.seeds import all_seeded, seeded
from .contract import BATCH_SIZE, SIZE
from .snapshot import equal, snapshot

EPOCHS = 3


class CheckpointTests:
    """Tests of saving and resuming. Part of AbstractTestTrainer."""

    def test_resumed_run_equals_uninterrupted_run(self):
        """Interrupted after an epoch and resumed, a run ends in the same state, bit for bit."""
        self.check_resumed(lambda trainer: trainer.train(1))

    def test_run_stopped_within_an_epoch_goes_on_there(self):
        """Stopped before the last batch of an epoch and resumed, a run ends in the same state."""
        if not self.stops_within_epochs:
            self.skipTest("The trainer is declared not to stop within an epoch.")
        if not hasattr(self.trainer, "stop_requested") or not hasattr(self.trainer, "train_step"):
            self.skipTest("The trainer has no stop_requested and train_step.")
        batches = SIZE // BATCH_SIZE + (not self.drops_last_batch)
        self.check_resumed(partial(train_until, steps=2 * batches - 1))

    def check_resumed(self, interrupted_training):
        """The interruption is after the first epoch, before the second one ends."""
        path = Path(self.new_folder(), "checkpoint.pt")
        whole, interrupted, resumed = (self.resumable(seed) for seed in (0, 0, 1))
        with all_seeded(0):
            whole.train(EPOCHS)
            expected = snapshot(whole)
        with all_seeded(0):
            interrupted_training(interrupted)
            self.save_checkpoint(interrupted, path)
            saved = snapshot(interrupted)
        with all_seeded(2):
            self.load_checkpoint(resumed, path)
            self.check_loaded(saved, snapshot(resumed))
            resumed.train(EPOCHS - 1)
            found = snapshot(resumed)
        self.check_log(whole, interrupted, resumed)
        different = different_keys(expected, found)
        if different:
            self.fail(
                f"After resuming, {', '.join(different[:3])} and {len(different)} states in all "
                f"differ from those of an uninterrupted run, though they were loaded.\nIs the "
                f"order of the samples or the number of batches done not what it was?"
            )

    def check_loaded(self, saved: dict, loaded: dict):
        different = [
            key
            for key in different_keys(saved, loaded)
            if not key.startswith(("the gradient", "the mode"))  # the next step sets them
        ]
        if different:
            self.fail(
                f"Right after loading, {', '.join(different[:3])} and {len(different)} states in "
                f"all differ from those saved.\nAre model, optimizer, scheduler and the states of "
                f"the random generators, also Python's, all saved, and loaded?"
            )

    def resumable(self, seed: int, **others):
        """A trainer on augmented data, with a scheduler, where it takes one."""
        settings = {"make_scheduler": partial(StepLR, step_size=1, gamma=0.5)}
        data = self.probe_data(augmented=True)
        return self.probe_trainer(
            seed=seed, data=data, **(settings if self.takes("scheduler") else {}), **others
        )

    def test_training_writes_checkpoints(self):
        """train() writes a checkpoint after every epoch, unless it is switched off."""
        has = hasattr(self.trainer, "checkpoint_path") and hasattr(self.trainer, "save")
        if not has or not self.takes("save_checkpoints"):
            self.skipTest("The trainer has no save_checkpoints, checkpoint_path and save(path).")
        off, on = (self.resumable(0, save_checkpoints=switch) for switch in (False, True))
        with all_seeded(0):
            off.train(1)
            if Path(off.checkpoint_path).exists():
                self.fail("train() writes a checkpoint, though save_checkpoints is False.")
            for epoch in range(2):
                on.train(1)
                self.check_written(epoch, on)

    def check_written(self, epoch: int, trainer):
        """The checkpoint of an epoch has the state after it, and a run goes on with the next."""
        path = Path(trainer.checkpoint_path)
        if not path.exists():
            self.fail(f"After epoch {epoch} there is no checkpoint at {path.name}.")
        other = self.resumable(1, save_checkpoints=False)
        saved = snapshot(trainer)
        with all_seeded(2):
            self.load_checkpoint(other, path)
            self.check_loaded(saved, snapshot(other))
            other.train(1)
        last, found = (
            t.summary.with_tag(self.test_tag)[-1]["global_step"] for t in (trainer, other)
        )
        if found != last + 1:
            self.fail(
                f"With the checkpoint of epoch {last}, a run goes on with epoch {found}.\nIs it "
                f"written before the epoch is counted?"
            )

    def check_log(self, whole, interrupted, resumed):
        for tag in (self.loss_tag, self.test_tag):
            before = interrupted.summary.with_tag(tag)
            expected = whole.summary.with_tag(tag)[len(before) :]
            found = resumed.summary.with_tag(tag)
            steps = [[call["global_step"] for call in calls] for calls in (found, expected)]
            if steps[0] != steps[1]:
                self.fail(
                    f"Resumed after {len(before)} values of {tag}, the run logs at {steps[0]}; "
                    f"uninterrupted it is {steps[1]}.\nAre step and epoch saved, and loaded?"
                )

    def test_checkpoint_holds_plain_data(self):
        """A checkpoint loads with weights_only=True, onto another device."""
        path = Path(self.new_folder(), "checkpoint.pt")
        trainer = self.probe_trainer()
        trainer.train(1)
        self.save_checkpoint(trainer, path)
        try:
            torch.load(path, map_location="meta", weights_only=True)
        except Exception as error:
            self.fail(
                f"The checkpoint does not load with weights_only=True and another map_location: "
                f"{str(error).splitlines()[0]}\nSave state_dict() and numbers, not whole objects."
            )

    def test_saving_changes_nothing(self):
        """Saving leaves the model, its device and the random state as they are."""
        trainer = self.probe_trainer()
        with seeded(0):
            trainer.train(1)
            before, parameters = snapshot(trainer), list(trainer.model.parameters())
            with noted_moves() as moves:
                self.save_checkpoint(trainer, Path(self.new_folder(), "checkpoint.pt"))
            after = list(trainer.model.parameters())
            if moves or any(a is not b for a, b in zip(parameters, after, strict=True)):
                self.fail(
                    "Saving moves or replaces the model. Training then goes on elsewhere, and the "
                    "optimizer may hold other parameters.\nSave state_dict() as it is."
                )
            self.check_unchanged("Saving", before, snapshot(trainer))

    def test_killed_save_leaves_the_previous_checkpoint(self):
        """A save that breaks off half-way leaves the previous checkpoint as it was."""
        path = Path(self.new_folder(), "checkpoint.pt")
        trainer = self.probe_trainer()
        self.save_checkpoint(trainer, path)
        before = path.read_bytes()
        trainer.train(1)
        with mock.patch("torch.save", side_effect=broken_save) as save, suppress(Exception):
            self.save_checkpoint(trainer, path)
        if not save.called:
            self.skipTest(
                "The trainer does not save through torch.save, which could be broken off."
            )
        if not path.is_file() or path.read_bytes() != before:
            self.fail(
                "A save that broke off half-way destroyed the previous checkpoint.\nWrite to "
                "another file beside it, then os.replace(temporary, path)."
            )


@contextmanager
def noted_moves() -> Iterator[list[str]]:
    """Notes every module that is moved, by to(), cpu() or the like."""
    moves: list[str] = []
    apply = nn.Module._apply

    def noted_apply(module, *arguments, **named):
        moves.append(type(module).__name__)
        return apply(module, *arguments, **named)

    with mock.patch.object(nn.Module, "_apply", noted_apply):
        yield moves


def train_until(trainer, steps: int):
    """Requests a stop after so many steps, here the first one of the second epoch."""
    train_step, taken = trainer.train_step, itertools.count(1)

    def counted_step(*arguments):
        result = train_step(*arguments)
        trainer.stop_requested = next(taken) == steps
        return result

    trainer.train_step = counted_step
    trainer.train(EPOCHS)


def different_keys(first: dict, second: dict) -> list[str]:
    return [key for key in first if not equal(first[key], second.get(key))]


def broken_save(obj, f, *arguments, **named):
    """Writes the first bytes and then finds the disk full."""
    beginning = b"PK the beginning of a checkpoint"
    if isinstance(f, str | Path):
        Path(f).write_bytes(beginning)
    else:
        f.write(beginning)
    raise OSError(errno.ENOSPC, "No space left on device")
