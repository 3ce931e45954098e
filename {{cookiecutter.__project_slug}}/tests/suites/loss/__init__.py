# SPDX-License-Identifier: MIT
"""The suite for any loss. Its tests are in the modules beside this one, one concern in each."""

from .answers import AnswerTests
from .extremes import ExtremeTests
from .formulas import FormulaTests
from .gradients import GradientTests
from .padding import PaddingTests
from .samples import SampleTests
from .state import StateTests
from .terms import TermTests


class AbstractTestLoss(
    SampleTests,
    AnswerTests,
    GradientTests,
    ExtremeTests,
    PaddingTests,
    TermTests,
    FormulaTests,
    StateTests,
):
    """Checks a function or module that compares what a model returns with what it should.

    Set `loss`, `outputs` and `targets`; see LossContract for the attributes with defaults.
    """
