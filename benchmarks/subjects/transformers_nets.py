"""Builds models of transformers from their configurations."""

from collections.abc import Callable

import transformers
from torch import nn


def built(name: str, **settings: object) -> Callable[[], nn.Module]:
    """Builds a model from the configuration that belongs to it."""
    family = name.removesuffix("Model").split("For")[0].removesuffix("LMHead")

    def net():
        config = getattr(transformers, f"{family}Config")(**settings)
        return getattr(transformers, name)(config)

    return net
