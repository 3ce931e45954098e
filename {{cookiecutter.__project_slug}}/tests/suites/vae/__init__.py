"""The suite for variational autoencoders."""

from .posterior import AbstractTestVAE

__all__ = ["AbstractTestVAE"]
