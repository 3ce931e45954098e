# SPDX-License-Identifier: MIT
"""Other logits in the place of a model's own, also where the model computes its loss itself."""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.module import register_module_forward_hook

from ..instruments.seeds import seeded

# Of (the arguments of a call, the logits of the model): those that take their place.
Answer = Callable[[Any, Tensor], Tensor]


def logits_in(result) -> Tensor | None:
    """What a model returns, the first of several or that named `logits`; None for no tensor."""
    if isinstance(result, dict):
        result = result.get("logits")
    elif isinstance(result, tuple | list) and result:
        result = result[0]
    else:
        result = getattr(result, "logits", result)
    return result if isinstance(result, Tensor) else None


def own_logits(model: nn.Module, inputs: Tensor) -> tuple[Tensor | None, nn.Module | None]:
    """The logits of a model in evaluation mode, and the module whose output they are, if any.

    That is the model itself where it returns nothing else, such as a loss that is made of them.
    """
    calls: list[tuple[nn.Module, Any]] = []
    hook = register_module_forward_hook(lambda m, _, outputs: calls.append((m, outputs)))
    training = model.training
    try:
        with torch.no_grad(), seeded(0):
            result = model.eval()(inputs)
    finally:
        hook.remove()
        model.train(training)
    logits = logits_in(result)
    if logits is result:
        return logits, model
    return logits, next((module for module, outputs in calls if outputs is logits), None)


@contextmanager
def answering(model: nn.Module, layer: nn.Module, answer: Answer) -> Iterator[None]:
    """Within it, the logits are `answer` of the arguments of the model, and of the own logits."""
    given: list = []

    def noting(original):
        @functools.wraps(original)  # a trainer may look which arguments it has
        def forward(*arguments, **named):
            given[:] = [arguments, named]
            return original(*arguments, **named)

        return forward

    def exchanging(original):
        @functools.wraps(original)
        def forward(*arguments, **named):
            return answer(given, original(*arguments, **named))

        return forward

    with other_forward(layer, exchanging), other_forward(model, noting):
        yield


@contextmanager
def other_forward(module: nn.Module, make: Callable[[Callable], Callable]) -> Iterator[None]:
    """Puts make(forward) in the place of forward(), and restores it."""
    before = vars(module).get("forward")
    module.forward = make(module.forward)
    try:
        yield
    finally:
        vars(module).pop("forward", None)
        if before is not None:
            module.forward = before
