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
                    f"The checkpoint does not load with weights_only=True and another "
                    f"map_location: {str(error).splitlines()[0]}\nSave state_dict() and numbers, "
                    f"not whole objects."
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
        if self.restores_at != "load":
            self.skipTest("A checkpoint takes effect in the next train() only.")
        _, path = self.saved()
        file, whole = self.file_with_weights(path)
        without_a_parameter(whole)
        torch.save(whole, file)
        other = self.probe_trainer(seed=1)
        try:
            self.load_checkpoint(other, path)
        except Exception:
            return
        self.fail(
            "A checkpoint that lacks a parameter of the model is loaded without an error.\nIs it "
            "loaded with strict=False? What is missing stays as it was."
        )

    def file_with_weights(self, path: Path) -> tuple[Path, dict]:
        """The file of a checkpoint that holds a state dict with weights, and what is in it."""
        for file in filter(is_torch_file, files_of(path)):
            try:
                found = torch.load(file, weights_only=False)
            except Exception:
                continue
            if weights_in(found) is not None:
                return file, found
        self.skipTest("No file of the checkpoint holds a state dict, of which one could be taken.")


def weights_in(found) -> dict | None:
    """The first state dict of tensors among nested dicts and lists."""
    if isinstance(found, list | tuple):
        found = dict(enumerate(found))
    if not isinstance(found, dict):
        return None
    names = [k for k, v in found.items() if isinstance(v, torch.Tensor) and isinstance(k, str)]
    if any(name.endswith("weight") for name in names):
        return found
    return next((w for v in found.values() if (w := weights_in(v)) is not None), None)


def without_a_parameter(found: dict):
    weights = weights_in(found) or {}
    del weights[next(name for name in weights if name.endswith("weight"))]


def files_of(path: Path) -> list[Path]:
    """A checkpoint is a file, or a folder of files."""
    return [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())


def is_torch_file(file: Path) -> bool:
    return file.read_bytes()[:2] in (b"PK", b"\x80\x02")


def contents_of(path: Path) -> dict[str, bytes]:
    return {str(file): file.read_bytes() for file in files_of(path)}


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
