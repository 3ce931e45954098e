# SPDX-License-Identifier: MIT
"""What the modules of a net take and return while it runs."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from torch import Tensor, nn

from .nested import tensors_in


class Call(NamedTuple):
    """One call of a module."""

    name: str
    module: nn.Module
    inputs: list[Tensor]
    outputs: list[Tensor]


@contextmanager
def observing(
    modules: Iterable[tuple[str, nn.Module]], observe: Callable[[Call], None]
) -> Iterator[None]:
    """Calls a function after every call of some modules, with their names."""
    names = {module: name for name, module in modules}

    def hook(module: nn.Module, args: tuple, kwargs: dict, output):
        observe(Call(names[module], module, tensors_in([args, kwargs]), tensors_in(output)))

    handles = [module.register_forward_hook(hook, with_kwargs=True) for module in names]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
