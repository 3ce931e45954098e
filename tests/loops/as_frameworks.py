"""Correct loops that do what frameworks do, in parts of which a bug can take the place."""

import torch
from torch import nn
from torch.optim import Optimizer

from .classifier import ClassifierTrainer, classifier


class RestoresLater(ClassifierTrainer):
    """A checkpoint is read in the next train(), as by Lightning and Hugging Face."""

    path = None

    def load(self, path):
        self.path = path

    def train(self, epochs):
        if self.path is not None:
            self.restore(self.path)
            self.path = None
        super().train(epochs)

    def restore(self, path):
        super().load(path)


class Wrapper(Optimizer):
    """As Accelerate's: what is asked of it, it asks of the optimizer within."""

    def __init__(self, optimizer):
        self.optimizer = optimizer

    def step(self, closure=None):
        return self.optimizer.step(closure)

    def zero_grad(self, set_to_none=True):
        self.optimizer.zero_grad(set_to_none)

    def state_dict(self):
        return self.optimizer.state_dict()

    def load_state_dict(self, state):
        self.optimizer.load_state_dict(state)

    @property
    def state(self):
        return self.optimizer.state

    @property
    def param_groups(self):
        return self.optimizer.param_groups


class WrapsItsOptimizer(ClassifierTrainer):
    """From the first train() on."""

    def train(self, epochs):
        if not isinstance(self.optimizer, Wrapper):
            self.optimizer = Wrapper(self.optimizer)
        super().train(epochs)


class ReadsItsLoaderOnceMore(ClassifierTrainer):
    """In every call of train() but the first, as Lightning does; random states are not saved."""

    is_new = True

    def train(self, epochs):
        if not self.is_new:
            next(iter(self.train_loader))
        self.is_new = False
        super().train(epochs)

    def state(self):
        return {k: v for k, v in super().state().items() if k != "random"}

    def load(self, path):
        state = torch.load(path, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.load_optimizer(state)
        if self.scheduler is not None:
            self.scheduler.load_state_dict(state["scheduler"])
        self.step, self.epoch, self.best_loss = state["counts"]

    def load_optimizer(self, state):
        self.optimizer.load_state_dict(state["optimizer"])


class SavesItsLog(ClassifierTrainer):
    def state(self):
        return {**super().state(), "history": self.history}

    def load(self, path):
        super().load(path)
        self.history = torch.load(path, weights_only=True)["history"]


class SavesWeightsOnly(ClassifierTrainer):
    """For use, not to go on from."""

    def state(self):
        return self.model.state_dict()

    def load(self, path):
        self.model.load_state_dict(torch.load(path))


class CastingModel(nn.Module):
    """Autocast is a part of its forward()."""

    def __init__(self):
        super().__init__()
        self.layers = classifier()
        self.mixed = False

    def forward(self, inputs):
        with torch.autocast("cpu", torch.bfloat16, enabled=self.mixed):
            return self.layers(inputs).float()


class CastsWithinForward(ClassifierTrainer):
    """Its precisions have names of their own."""

    def __init__(self, model, *arguments, precision="full", **settings):
        super().__init__(model, *arguments, **settings)
        if precision not in ("full", "bf16-mixed"):
            raise ValueError(f"precision is 'full' or 'bf16-mixed', not {precision!r}.")
        self.mixed = model.mixed = precision == "bf16-mixed"


IN_PRECISIONS = {"precisions": ("full", "bf16-mixed"), "loss_tolerance": 2e-2}
