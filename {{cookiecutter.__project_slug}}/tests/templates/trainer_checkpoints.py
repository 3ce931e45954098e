"""Properties of checkpoints: what a run resumes from, and what writing one leaves alone."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from unittest import mock

import torch
from torch import nn
from torch.optim.lr_scheduler import ExponentialLR

from .running import seeded
from .trainer_evaluation import equal, snapshot

EPOCHS = 3


class CheckpointTests:
    """Tests of saving and resuming. Part of AbstractTestTrainer."""

    def test_resumed_run_equals_uninterrupted_run(self):
        """Interrupted after an epoch and resumed, a run ends in the same state, bit for bit."""
        path = Path(self.new_folder(), "checkpoint.pt")
        whole, interrupted, resumed = (self.resumable(seed) for seed in (0, 0, 1))
        with seeded(0):
            whole.train(EPOCHS)
            expected = snapshot(whole)
        with seeded(0):
            interrupted.train(1)
            self.save_checkpoint(interrupted, path)
        with seeded(2):
            self.load_checkpoint(resumed, path)
            resumed.train(EPOCHS - 1)
            found = snapshot(resumed)
        self.check_log(whole, interrupted, resumed)
        different = [name for name in expected if not equal(expected[name], found.get(name))]
        if different:
            self.fail(
                f"After resuming, {', '.join(different[:3])} and {len(different)} states in all "
                f"differ from those of an uninterrupted run.\nAre model, optimizer, scheduler and "
                f"the states of the random generators all saved, and loaded?"
            )

    def resumable(self, seed: int):
        """A trainer with a scheduler, where it takes one."""
        settings = {"scheduler_class": partial(ExponentialLR, gamma=0.5)}
        return self.probe_trainer(seed=seed, **(settings if self.takes("scheduler") else {}))

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


def broken_save(obj, f, *arguments, **named):
    """Writes the first bytes and then finds the disk full."""
    beginning = b"PK the beginning of a checkpoint"
    if isinstance(f, str | Path):
        Path(f).write_bytes(beginning)
    else:
        f.write(beginning)
    raise OSError(errno.ENOSPC, "No space left on device")
