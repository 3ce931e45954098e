"""A correct loop with averaged weights (EMA), in parts of which a bug can take the place."""

import copy

import torch

from .classifier import ClassifierTrainer

DECAY = 0.9


class AveragesWeights(ClassifierTrainer):
    """Evaluates, and saves, the exponential moving average of the weights of all steps."""

    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        self.average = self.new_average()

    def new_average(self):
        return copy.deepcopy(self.model).requires_grad_(False)

    def take_step(self, loss):
        super().take_step(loss)
        self.update_average()

    @torch.no_grad()
    def update_average(self):
        pairs = zip(self.average.parameters(), self.model.parameters(), strict=True)
        for average, weight in pairs:
            self.update(average, weight)
        self.copy_buffers()

    def update(self, average, weight):
        average.lerp_(weight, 1 - DECAY)

    def copy_buffers(self):
        for average, buffer in zip(self.average.buffers(), self.model.buffers(), strict=True):
            average.copy_(buffer)

    def eval(self):
        self.model, model = self.average, self.model
        found = super().eval()
        self.model = model
        return found

    def keep_the_best(self, loss):
        if loss < self.best_loss:
            self.best_loss, self.best = loss, copy.deepcopy(self.average.state_dict())

    def state(self):
        return {**super().state(), "average": self.average.state_dict()}

    def load(self, path):
        super().load(path)
        self.average.load_state_dict(torch.load(path, weights_only=True)["average"])


def averaged_model(trainer):
    return trainer.average


DECLARED = {
    "averaged_model": averaged_model,
    "average_decay": DECAY,
    "evaluates_average": True,
    "evaluated_model": "average",
    "best_weights": lambda trainer: None,
}
