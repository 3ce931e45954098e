"""Tests of this project. Run them from its root with `python -m unittest`."""

import gc

gc.disable()  # what torch makes when it is imported stays: looking for garbage takes half a second

import torch  # noqa: E402

gc.freeze()  # nor is it looked at later
gc.enable()

# The tests compute on tiny batches: further threads bring nothing, and wait for each other on a
# busy machine.
torch.set_num_threads(1)
