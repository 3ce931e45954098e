# SPDX-License-Identifier: MIT
"""The suite for trainers of variational autoencoders."""

from .. import AbstractTestTrainer
from .contract import VAETrainerContract
from .kl import KLTests
from .learning import VAELearningTests
from .losses import LossTests
from .pictures import PictureTests


class AbstractTestVAETrainer(
    KLTests,
    LossTests,
    VAELearningTests,
    PictureTests,
    VAETrainerContract,
    AbstractTestTrainer,
):
    """Checks a trainer of variational autoencoders: all of AbstractTestTrainer, and what is theirs.

    Its model has `encode`, `bottleneck` and `decode`. Most checks put a small VAE of the suite's
    own in its place: it has dropout, running statistics and sampling, and notes its codes.
    """
