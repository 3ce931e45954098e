# SPDX-License-Identifier: MIT
"""How the suite builds further trainers: with copies of the owner's model, on marked data."""

import inspect
import tempfile
from contextlib import nullcontext
from functools import partial

import torch.distributed as dist
from torch import nn
from torch.optim.lr_scheduler import StepLR

from ..instruments.copies import copy_of, perturbed
from ..instruments.optional import is_installed
from ..instruments.seeds import seeded
from .calls import Call, observed_calls
from .marks import marked_split, marks_for, samples_in, with_splits
from .premises import TrainerPremises
from .recorder import Recorder

# Of the data that the suite trains on: the last batch is not full.
BATCH_SIZE = 4
SIZE = 11
TEST_SIZE = 10
# Values with which it is tried whether new_trainer(..., **settings) takes a setting.
TRIALS = {
    "make_scheduler": partial(StepLR, step_size=1),
    "max_grad_norm": 1.0,
    "precision": "float32",
    "save_checkpoints": False,
}


class ProbeTrainers(TrainerPremises):
    """Builds trainers. Part of AbstractTestTrainer."""

    taken: dict[str, bool]  # by new_trainer, of what was tried

    def probe_model(self, seed: int = 0, noise: bool = True) -> nn.Module:
        """A copy of the owner's model; with another seed than 0, with other weights."""
        model = self.model_of(self.trainer)
        model = perturbed(model, seed=seed) if seed else copy_of(model)
        if not noise:
            for module in model.modules():
                if isinstance(module, nn.modules.dropout._DropoutNd):
                    module.p = 0.0
        return model

    def probe_data(self, size: int = SIZE, test_size: int = TEST_SIZE, augmented: bool = False):
        """Data like the owner's, whose samples are marked; the owner's, where they cannot be."""
        data = self.data_of(self.trainer)
        train_data = marked_split("train_data", data.train_data, size, augmented)
        test_data = marked_split("test_data", data.test_data, test_size)
        splits = {"train_data": train_data, "test_data": test_data}
        if self.unused_split is not None and self.unused_split not in splits:
            other = getattr(data, self.unused_split)
            splits[self.unused_split] = marked_split(self.unused_split, other, test_size)
        return data if None in splits.values() else with_splits(data, **splits)

    def probe_trainer(self, *, model=None, data=None, seed=0, batch_size=BATCH_SIZE, **settings):
        """A trainer like the owner's with a copy of its model.

        By default it has 11 training samples in batches of 4, 4 and 3, and 10 test samples.
        """
        self.require_complete()
        data = data or self.probe_data()
        model = model or self.probe_model(seed, settings.pop("noise", True))
        settings.pop("noise", None)
        # The trainer may seed a generator of its own. Of several processes, each goes on with the
        # numbers that the trainer gives it.
        with nullcontext() if dist.is_initialized() else seeded(seed):
            return self.build(model, data, batch_size, **settings)

    def build(self, model, data, batch_size: int, **settings):
        """Calls new_trainer, and records what the trainer logs; skips what it does not take."""
        if self.takes_by_name("device"):
            settings.setdefault("device", "cpu")
        try:
            trainer = self.new_trainer(model, data, batch_size=batch_size, **settings)
        except TypeError as error:
            if unexpected := [name for name in settings if names_keyword(error, name)]:
                self.skipTest(f"new_trainer takes no {unexpected[0]}.")
            raise
        self.record(trainer)
        return trainer

    def takes_by_name(self, argument: str) -> bool:
        return argument in inspect.signature(self.new_trainer).parameters

    def takes(self, argument: str) -> bool:
        """Whether new_trainer has one of the arguments in TRIALS, and what it builds has it too."""
        cache = vars(type(self)).get("taken") or {}
        if argument not in cache:
            type(self).taken = {**cache, argument: self.tries(argument)}
        return type(self).taken[argument]

    def tries(self, argument: str) -> bool:
        parameters = inspect.signature(self.new_trainer).parameters
        passed_on = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
        if argument not in parameters and not passed_on:
            return False
        settings = {argument: TRIALS[argument]}
        if "device" in parameters:
            settings["device"] = "cpu"
        try:
            with seeded(0):
                self.new_trainer(
                    self.probe_model(), self.probe_data(), batch_size=BATCH_SIZE, **settings
                )
        except TypeError as error:
            return not names_keyword(error, argument)
        except ValueError:  # it has the argument, and calls its values by other names
            return True
        return True

    def require_taken(self, argument: str):
        if not self.takes(argument):
            self.skipTest(f"new_trainer takes no {argument}.")

    def precision_settings(self) -> list[dict]:
        """The settings of new_trainer for each precision that is to be checked."""
        return [{"precision": name} for name in self.precisions or ()] or [{}]

    def evaluated(self, trainer) -> nn.Module:
        """The model that is evaluated, which need not be the one that is trained."""
        if self.evaluated_model == "model":
            return self.model_of(trainer)
        return getattr(trainer, self.evaluated_model)

    def observed(self, trainer):
        """Notes how a trainer calls its model, or the averaged one that it evaluates."""
        return observed_calls(self.model_of(trainer), self.evaluated(trainer))

    def samples_of(self, trainer, call: Call, split: str) -> list[int]:
        """The indices of those samples of a split that a call of the model is given."""
        marks = getattr(getattr(self.data_of(trainer), split), "marks", None)
        return samples_in(call.inputs, marks, split) if marks else []

    def rows_of(self, trainer, call: Call) -> int:
        """How many rows of a call are as large as an input, whether or not they are samples."""
        if self.updates:  # one network makes them of noise
            return 0
        marks = getattr(self.data_of(trainer).train_data, "marks", None)
        return next((len(x) for x in call.inputs if marks and marks.fits(x)), 0)

    def require_marked(self, trainer):
        """Skips a test that has to know the samples, where they cannot be marked."""
        data = self.data_of(trainer)
        if not hasattr(data.train_data, "marks"):
            samples = [data.train_data[i] for i in range(min(2, len(data.train_data)))]
            if marks_for(samples) is not None:
                self.fail("new_trainer does not keep the data it is given.")
            self.skipTest(
                "Samples cannot be marked: their inputs are no floating point tensors of one shape "
                "and no sequences of more than 6 tokens."
            )

    def new_folder(self) -> str:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        return folder.name

    def record(self, trainer):
        """Puts a recorder in the place of a TensorBoard writer, if there is one.

        Where TensorBoard is not installed, a summary is something else, and stays.
        """
        if dist.is_initialized():  # of several processes, the files tell what is logged
            return
        writer = vars(trainer).get("summary")
        is_there = writer is not None or hasattr(type(trainer), "summary")
        if not is_there or not is_installed("tensorboard"):
            return
        trainer.summary = Recorder()
        if writer is not None:
            self.addCleanup(setattr, trainer, "summary", writer)

    def values(self, trainer, tag: str) -> list[float]:
        """The values that were logged under a tag."""
        return [float(value) for _, value in self.entries(trainer, tag)]

    def entries(self, trainer, tag: str) -> list[tuple]:
        """The steps and values that were logged under a tag."""
        logged = self.logged(trainer)
        if logged is None:
            self.skipTest(
                f"{type(trainer).__name__} has no summary. Override {type(self).__name__}."
                f"logged(trainer), if it keeps what it logs."
            )
        return logged.get(tag, [])


def names_keyword(error: TypeError, argument: str) -> bool:
    """Whether an error says that a function has no such argument: no scheduler, for make_..."""
    names = (argument, argument.removeprefix("make_"))
    return "unexpected keyword argument" in str(error) and any(
        f"'{n}'" in str(error) for n in names
    )
