"""Tests of this project. Run them from its root with `python -m unittest`."""

import gc

# What libraries make when they are imported stays. To look for garbage among it takes a second.
gc.disable()

import torch  # noqa: E402
import torch.utils.tensorboard  # noqa: E402
import torchvision  # noqa: E402, F401

gc.freeze()
gc.enable()

# The tests compute on tiny batches: further threads bring nothing, and wait for each other on a
# busy machine.
torch.set_num_threads(1)
