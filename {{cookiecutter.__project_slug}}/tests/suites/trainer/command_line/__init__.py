# SPDX-License-Identifier: MIT
"""The suite for what a command line builds before it trains."""

from ..parameters import ParameterTests
from .contract import CommandLineContract
from .wiring import WiringTests


class AbstractTestCommandLine(WiringTests, ParameterTests, CommandLineContract):
    """Checks that the options of a program reach its trainer, and that its parts belong together.

    Set `options`, define `trainer_from(arguments)` and `shown(trainer)`; see CommandLineContract.
    """
