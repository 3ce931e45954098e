"""Bugs that the checks of suites/model/batch_sizes.py are meant for."""

from ...seeding import model_bug
from .bases import Net

BATCH_SIZE = "test_any_batch_size"


@model_bug(BATCH_SIZE, r"returns shapes \[\(6,\)\] for a batch of 1.*squeeze")
class SqueezesTheBatch(Net):
    def forward(self, inputs):
        return super().forward(inputs).squeeze()


@model_bug(BATCH_SIZE, r"does not take a batch of 1: shape.*fixed in a reshape")
class BatchSizeFixed(Net):
    def forward(self, inputs):
        return super().forward(inputs.view(4, 6))
