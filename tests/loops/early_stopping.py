"""A loop that stops early, correct, in parts of which a bug can take the place of one."""

from .classifier import ClassifierTrainer


class StopsEarly(ClassifierTrainer):
    """Stops after two epochs without a better evaluation."""

    patience = 2

    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        self.lowest, self.bad_epochs = float("inf"), 0

    def train(self, epochs):
        for _ in range(epochs):
            super().train(1)
            if self.is_enough():
                break

    def keep_the_best(self, loss):
        super().keep_the_best(loss)
        self.count(loss)

    def count(self, loss):
        if loss < self.lowest:
            self.lowest = loss
            self.improved(loss)
        else:
            self.bad_epochs += 1

    def improved(self, loss):
        self.bad_epochs = 0

    def is_enough(self):
        return self.bad_epochs >= self.patience
