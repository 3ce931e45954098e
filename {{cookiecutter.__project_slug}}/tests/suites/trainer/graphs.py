# SPDX-License-Identifier: MIT
"""The graphs of losses, and how long they live."""

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

import torch
from torch import Tensor


@contextmanager
def watched_graphs() -> Iterator[list[weakref.ref]]:
    """Weak references to something that lives as long as the graph of each loss."""
    graphs: list[weakref.ref] = []
    backward = torch.autograd.backward

    def noted_backward(loss, *arguments, **named):
        def hook(*_):
            pass

        graphs.append(weakref.ref(hook))
        if isinstance(loss, Tensor) and loss.grad_fn is not None:
            loss.grad_fn.register_hook(hook)
        backward(loss, *arguments, **named)

    with mock.patch.object(torch.autograd, "backward", noted_backward):
        yield graphs
