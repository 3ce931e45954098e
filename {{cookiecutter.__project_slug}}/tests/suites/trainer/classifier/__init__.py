# SPDX-License-Identifier: MIT
"""The suite for trainers of classifiers."""

from .. import AbstractTestTrainer
from .classes import ClassTests
from .contract import ClassifierTrainerContract
from .known_answers import KnownAnswerTests
from .mixing import MixingTests


class AbstractTestClassifierTrainer(
    ClassTests, MixingTests, KnownAnswerTests, ClassifierTrainerContract, AbstractTestTrainer
):
    """Checks a trainer of classifiers: all of AbstractTestTrainer, and losses of known answers.

    Set `num_classes`. evaluate() returns the loss, or a dict with a loss and an accuracy.
    """
