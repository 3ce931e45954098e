"""Bugs that the checks of suites/model/construction.py are meant for."""

import random

import numpy as np
import torch
from torch import nn

from ...seeding import model_bug
from .bases import Net

SEEDS = "test_constructor_seeds_nothing"
SOURCE = "test_weights_come_from_torch"


@model_bug(
    SEEDS,
    r"leaves the generator of torch in the same state under two seeds.*by torch\.manual_seed\(\) "
    r"in SeedsItsWeights\.__init__ \(construction\.py, line \d+\)",
)
class SeedsItsWeights(Net):
    """For reproducible weights."""

    def __init__(self):
        torch.manual_seed(0)
        super().__init__()


def set_seed(seed: int):
    random.seed(seed)
    np.random.seed(seed)


@model_bug(
    SEEDS, r"leaves the generator of numpy in the same state.*by numpy\.random\.seed\(\) in Seeds"
)
class SeedsNumPy(Net):
    def __init__(self):
        super().__init__()
        set_seed(1)


@model_bug(SEEDS, r"starts with the same weights under two seeds.*pretrained = True")
class GeneratorOfItsOwn(Net):
    """Every run, every member of an ensemble and every expert starts with these weights."""

    def __init__(self):
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        for parameter in self.parameters():
            nn.init.normal_(parameter, std=0.3, generator=generator)


@model_bug(SOURCE, r"\.hidden\.weight starts with other values under the same seed of torch")
class DrawsItsWeightsFromNumPy(Net):
    def __init__(self):
        super().__init__()
        weight = np.random.normal(0, 0.3, self.hidden.weight.shape)
        self.hidden.weight.data = torch.as_tensor(weight, dtype=torch.float32)


@model_bug(SOURCE, r"\.out\.weight starts with other values under the same seed.*Python's random")
class PrunesAtRandom(Net):
    def __init__(self):
        super().__init__()
        kept = random.sample(range(8), 6)
        mask = torch.zeros(8).index_fill(0, torch.tensor(kept), 1.0)
        self.out.weight.data *= mask
