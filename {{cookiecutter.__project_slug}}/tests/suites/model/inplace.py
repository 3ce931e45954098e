# SPDX-License-Identifier: MIT
"""Properties of activations that work in place: they save memory and change nothing else."""

import inspect

from torch import nn
from torch.overrides import TorchFunctionMode

from ..instruments.values import largest_difference, relative_difference, rounding_of
from .passes import ModelPasses
from .premises import said_by


class InplaceTests(ModelPasses):
    """Tests of operations in place. Part of AbstractTestModel."""

    def test_inplace_activations_change_nothing(self):
        """With every inplace=True switched off, outputs and gradients are the same."""
        modules = {n: m for n, m in self.net.named_modules() if getattr(m, "inplace", False)}
        separate = self.copied(training=True)
        for module in separate.modules():
            if getattr(module, "inplace", False):
                setattr(module, "inplace", False)  # noqa: B010  a module's attributes are any
        with NothingInPlace() as mode:
            outputs = self.outputs(separate)
        if not modules and not mode.found:
            self.skipTest(f"{self.net_name()} has no activation with inplace=True.")
        where = f"without inplace=True in {', '.join([*modules, *mode.found][:3])}"
        for found, expected in zip(self.outputs(self.copied(training=True)), outputs, strict=True):
            if not relative_difference(found, expected) <= rounding_of(expected):
                self.fail(
                    f"{self.net_name()} returns something else {where}.\nDoes one of them change "
                    f"what a residual or another branch still needs?"
                )
        self.check_gradients_in_place(separate, where)

    def check_gradients_in_place(self, separate: nn.Module, where: str):
        with NothingInPlace():
            expected = self.gradients(separate)
        try:
            found = self.gradients(self.copied(training=True))
        except RuntimeError as error:
            self.fail(
                f"{self.net_name()} has gradients {where} only: "
                f"{said_by(error)[:120]}\nDoes one of them change what a gradient "
                f"still needs?"
            )
        name, difference = largest_difference(found, expected)
        if name and not difference <= rounding_of(expected[name]):
            self.fail(
                f"{self.net_name()}.{name} has another gradient {where}.\nDoes one of them change "
                f"what a residual or another branch still needs?"
            )


class NothingInPlace(TorchFunctionMode):
    """Switches off `inplace=True` of functions, and notes the names of those that had it."""

    def __init__(self):
        super().__init__()
        self.found: dict[str, None] = {}

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        if kwargs.get("inplace") or (any(a is True for a in args) and takes_inplace(func)):
            bound = inspect.signature(func).bind(*args, **kwargs)
            if bound.arguments.get("inplace"):
                self.found[f"{func.__name__}()"] = None
                bound.arguments["inplace"] = False
                args, kwargs = bound.args, bound.kwargs
        return func(*args, **kwargs)


def takes_inplace(func) -> bool:
    return inspect.isfunction(func) and "inplace" in inspect.signature(func).parameters
