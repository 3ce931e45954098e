"""Bugs in saving and resuming."""

import copy

import torch
from mnist_vae.randomness import random_state
from mnist_vae.trainer import Trainer

from . import trainer_bug

RESUMED = "test_resumed_run_equals_uninterrupted_run"
PLAIN = "test_checkpoint_holds_plain_data"
UNCHANGED = "test_saving_changes_nothing"
KILLED = "test_killed_save_leaves_the_previous_checkpoint"


def rewritten(trainer, path, change):
    """Writes a checkpoint after a change to what is in it."""
    Trainer.save(trainer, path)
    checkpoint = torch.load(path, weights_only=True)
    change(checkpoint)
    torch.save(checkpoint, path)


@trainer_bug(RESUMED, r"in the optimizer's state|After resuming, .*optimizer")
class OptimizerNotRestored(Trainer):
    def load(self, path):
        state = copy.deepcopy(self.optimizer.state_dict())
        super().load(path)
        self.optimizer.load_state_dict(state)


@trainer_bug(RESUMED, r"After resuming, .*learning rate|After resuming, inputs")
class SchedulerNotRestored(Trainer):
    """Its first step sets the learning rate back to that of the second epoch."""

    def load(self, path):
        state, rate = self.scheduler.state_dict(), self.optimizer.param_groups[0]["lr"]
        super().load(path)
        self.scheduler.load_state_dict(state)
        self.optimizer.param_groups[0]["lr"] = rate


@trainer_bug(RESUMED, r"After resuming, .*random generators")
class RandomStateNotRestored(Trainer):
    def load(self, path):
        state = torch.get_rng_state()
        super().load(path)
        torch.set_rng_state(state)


@trainer_bug(RESUMED, r"test/loss, the run logs at \[2, 3\]; uninterrupted it is \[1, 2\]")
class EpochOffByOne(Trainer):
    def load(self, path):
        super().load(path)
        self.epoch += 1


@trainer_bug(RESUMED, r"train/loss, the run logs at \[0, 1.*Are step and epoch saved")
class StepNotRestored(Trainer):
    def load(self, path):
        super().load(path)
        self.step = 0


@trainer_bug(RESUMED, r"After resuming, .*normalisation\.running_mean")
class BuffersNotSaved(Trainer):
    """Only what is in parameters() is saved, and loaded with strict=False."""

    def load(self, path):
        buffers = {name: buffer.clone() for name, buffer in self.model.named_buffers()}
        super().load(path)
        self.model.load_state_dict(buffers, strict=False)


@trainer_bug(RESUMED, r"After resuming, .*and \d+ states in all differ")
class WeightsLoadedIntoNothing(Trainer):
    """A prefix that no name has, and strict=False."""

    def load(self, path):
        weights = copy.deepcopy(self.model.state_dict())
        super().load(path)
        self.model.load_state_dict(weights)


@trainer_bug(PLAIN, r"does not load with weights_only=True.*Save state_dict\(\)")
class ModelPickled(Trainer):
    def save(self, path):
        torch.save({"model": self.model, "epoch": self.epoch}, path)


@trainer_bug(PLAIN, r"does not load with weights_only=True")
class OptimizerPickled(Trainer):
    def save(self, path):
        rewritten(self, path, lambda checkpoint: checkpoint.update(optimizer=self.optimizer))


@trainer_bug(UNCHANGED, r"Saving moves or replaces the model")
class MovedToTheCPU(Trainer):
    def save(self, path):
        self.model.cpu()
        super().save(path)
        self.model.to(self.device)


@trainer_bug(UNCHANGED, r"Saving moves or replaces the model")
class ModelReplaced(Trainer):
    def save(self, path):
        super().save(path)
        self.model = copy.deepcopy(self.model)


@trainer_bug(UNCHANGED, r"Saving changes the mode of the model")
class SavedInEvalMode(Trainer):
    def save(self, path):
        self.model.eval()
        super().save(path)


@trainer_bug(UNCHANGED, r"Saving changes torch's random state")
class NameDrawnAtRandom(Trainer):
    """The temporary file gets a random name."""

    def save(self, path):
        name = f"{torch.randint(10**6, ()).item()}.tmp"
        super().save(path.with_name(name))
        path.with_name(name).replace(path)


@trainer_bug(KILLED, r"destroyed the previous checkpoint.*os\.replace")
class WrittenInPlace(Trainer):
    def save(self, path):
        torch.save({"model": self.model.state_dict(), "random": random_state(self.device)}, path)


@trainer_bug(KILLED, r"destroyed the previous checkpoint")
class OldOneDeletedFirst(Trainer):
    def save(self, path):
        path.unlink(missing_ok=True)
        super().save(path)
