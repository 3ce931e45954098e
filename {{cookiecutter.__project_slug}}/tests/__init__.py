"""Tests of this project. Run them from its root with `python -m unittest`."""

import torch

# The tests compute on tiny batches: further threads bring nothing, and wait for each other on a
# busy machine.
torch.set_num_threads(1)
