"""Bugs that the checks of suites/trainer/saving.py are meant for."""

import copy

import torch
from mnist_vae.randomness import random_state
from mnist_vae.trainer import Trainer

from ...seeding import trainer_bug
from .bases import rewritten

PLAIN = "test_checkpoint_holds_plain_data"
UNCHANGED = "test_saving_changes_nothing"
KILLED = "test_killed_save_leaves_the_previous_checkpoint"


@trainer_bug(PLAIN, r"does not load.*No such file", source="reported: pytorch#34765")
class SavedWithTheNextStep(Trainer):
    """What is written is the state after that step."""

    path = None

    def save(self, path):
        self.path = path

    def train_step(self, batch):
        loss = super().train_step(batch)
        if self.path:
            super().save(self.path)
        self.path = None
        return loss


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


@trainer_bug(
    UNCHANGED,
    r"Saving moves or replaces the model",
    source="pytorch/pytorch#14467, CodefyUI PR#147 (stale binding)",
)
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
