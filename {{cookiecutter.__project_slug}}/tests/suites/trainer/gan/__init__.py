# SPDX-License-Identifier: MIT
"""The suite for trainers of generative adversarial networks."""

from .. import AbstractTestTrainer
from .adversaries import AdversaryTests
from .contract import GANTrainerContract


class AbstractTestGANTrainer(AdversaryTests, GANTrainerContract, AbstractTestTrainer):
    """Checks a trainer of a generator and a discriminator: all of AbstractTestTrainer, and theirs.

    Set `updates`: which optimizer changes which network. The model holds both networks, as a
    ModuleDict does; its children are the networks, named generator and discriminator, unless
    `networks` says otherwise.
    """
