# SPDX-License-Identifier: MIT
"""Properties of saving: plain data, nothing changed, and no half a checkpoint."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from unittest import mock

import torch
from torch import nn

from ..instruments.seeds import seeded
from .checkpoint_files import (
    contents_of,
    files_of,
    files_with_weights,
    is_torch_file,
    without_a_parameter,
    write,
)
from .probing import TrainerProbe
from .snapshot import snapshot


class SavingTests(TrainerProbe):
    """Tests of what saving and loading do besides. Part of AbstractTestTrainer."""

    def test_checkpoint_holds_plain_data(self):
        """A checkpoint loads with weights_only=True, onto another device."""
        trainer, path = self.saved()
        for file in files_of(path):
            if not is_torch_file(file):
                continue
            try:
                torch.load(file, map_location="meta", weights_only=True)
            except Exception as error:
                self.fail(
                    f"{file.name} of the checkpoint does not load with weights_only=True and "
                    f"another map_location: {reason_of(error)}\nSave state_dict() and "
                    f"numbers, not whole objects."
                )

    def saved(self):
        """A trainer after an epoch, and the path that it was saved to."""
        self.require_complete()
        self.require("save_checkpoint")
        path = Path(self.new_folder(), "checkpoint.pt")
        trainer = self.probe_trainer()
        self.train(trainer, 1)
        self.save_checkpoint(trainer, path)
        if not path.exists():
            self.fail(
                "The checkpoint does not load: No such file or directory.\nDoes save(path) write "
                "to this path, and at once?"
            )
        return trainer, path

    def test_saving_changes_nothing(self):
        """Saving leaves the model, its device and the random state as they are."""
        self.require_complete()
        self.require("save_checkpoint")
        trainer = self.probe_trainer()
        with seeded(0):
            self.train(trainer, 1)
            before = snapshot(self, trainer)
            parameters = list(self.model_of(trainer).parameters())
            with noted_moves() as moves:
                self.save_checkpoint(trainer, Path(self.new_folder(), "checkpoint.pt"))
            after = list(self.model_of(trainer).parameters())
            if moves or any(a is not b for a, b in zip(parameters, after, strict=True)):
                self.fail(
                    "Saving moves or replaces the model. Training then goes on elsewhere, and the "
                    "optimizer may hold other parameters.\nSave state_dict() as it is."
                )
            self.check_unchanged("Saving", before, snapshot(self, trainer))

    def test_killed_save_leaves_the_previous_checkpoint(self):
        """A save that breaks off half-way leaves the previous checkpoint as it was."""
        self.require_complete()
        self.require("save_checkpoint")
        path = Path(self.new_folder(), "checkpoint.pt")
        trainer = self.probe_trainer()
        self.train(trainer, 1)  # before it, there may be nothing to save
        self.save_checkpoint(trainer, path)
        before = contents_of(path)
        self.train(trainer, 1)
        with mock.patch("torch.save", side_effect=broken_save) as save, suppress(Exception):
            self.save_checkpoint(trainer, path)
        if not save.called:
            self.skipTest(
                "The trainer does not save through torch.save, which could be broken off."
            )
        if not path.exists() or contents_of(path) != before:
            self.fail(
                "A save that broke off half-way destroyed the previous checkpoint.\nWrite to "
                "another file beside it, then os.replace(temporary, path)."
            )

    def test_checkpoint_of_another_model_is_refused(self):
        """Loading a checkpoint in which a parameter is missing raises an error."""
        self.require_complete()
        self.require("load_checkpoint")
        _, path = self.saved()
        found = list(files_with_weights(path))
        if not found:
            self.skipTest(
                "No file of the checkpoint holds a state dict, of which one could be taken."
            )
        for file, whole in found:  # the best weights may lie beside the last ones
            without_a_parameter(whole)
            write(whole, file)
        other = self.probe_trainer(seed=1)
        try:
            self.load_checkpoint(other, path)
            if self.restores_at == "next_train":
                self.train(other, 1)
        except Exception:
            return
        self.fail(
            "A checkpoint that lacks a parameter of the model is loaded without an error.\nIs it "
            "loaded with strict=False? What is missing stays as it was."
        )


def reason_of(error: Exception) -> str:
    """The sentence of an error of torch.load that names what is not allowed, or its first line."""
    lines = str(error).splitlines() or [type(error).__name__]
    line = next((line for line in lines if "Unsupported" in line), lines[0])
    return line.strip().split(". ")[0]


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
