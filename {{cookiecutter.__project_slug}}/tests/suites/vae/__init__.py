# SPDX-License-Identifier: MIT
"""The suite for variational autoencoders: what they promise beyond any model."""

from ..model import AbstractTestModel
from .agreement import AgreementTests
from .composition import CompositionTests
from .contract import VAEContract
from .decoding import DecodingTests
from .dropping import DroppingTests
from .encoding import EncodingTests
from .gradients import GradientTests
from .noise import NoiseTests
from .range import RangeTests
from .reconstruction import ReconstructionTests


class AbstractTestVAE(
    EncodingTests,
    DecodingTests,
    CompositionTests,
    ReconstructionTests,
    RangeTests,
    DroppingTests,
    NoiseTests,
    GradientTests,
    AgreementTests,
    AbstractTestModel,
):
    """Checks a VAE with `encode`, `bottleneck` and `decode`, or hooks of these names.

    Set `net` and `test_inputs`; see VAEContract for the attributes with defaults. Unless declared,
    the outputs have the shape of the inputs.
    """


__all__ = ["AbstractTestVAE", "VAEContract"]
