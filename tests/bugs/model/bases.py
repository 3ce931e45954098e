"""Correct code that stands in parts, so that a bug can take the place of one."""

from torch import nn


class Net(nn.Module):
    """A correct model from (N, 6) to (N, 6) as the base of bugs."""

    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(6, 8)
        self.out = nn.Linear(8, 6)

    def forward(self, inputs):
        return self.out(self.hidden(inputs).relu())
