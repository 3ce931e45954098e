# SPDX-License-Identifier: MIT
"""The attributes that a test case of a loss sets or overrides, and how the loss is called."""

import inspect
from collections.abc import Callable
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn

from ..contract import Required, Suite
from ..instruments.calls import tensors_in
from ..instruments.copies import copy_of
from ..instruments.nested import mapped
from ..instruments.seeds import seeded

REDUCTIONS = ("any", "mean", "sum", "batchmean", "none", None)
KINDS = ("logits", "probabilities", "log_probabilities", "values", None)
# What Python and torch raise for arguments of another form.
REFUSALS = (RuntimeError, TypeError, ValueError, LookupError, AttributeError)
SHAPE_TEST = "test_loss_has_the_declared_shape"


class LossContract(Suite):
    """Set `loss`, `outputs` and `targets`. The other attributes have defaults.

    What a loss returns is a number, or with reduction "none" a tensor of the samples' losses.
    """

    loss: Any = Required("the loss, a function or module that is called as loss(outputs, targets)")
    outputs: Any = Required(
        "what a model returns for a batch of at least two different samples: a tensor, or a "
        "tuple, list or dict of them"
    )
    targets: Any = Required("the targets of the same samples; None where the loss has none")
    # Outputs with the lowest loss, where they are known, and how low it is there. Without them they
    # are worked out from class indices, from targets of the shape of the outputs, or not at all.
    perfect_outputs: Tensor | tuple | list | dict | None = None
    perfect_loss: float | None = None
    # How the losses of the samples become that of the batch: "mean", "sum", "batchmean" (the mean
    # of what is summed over a sample's elements) or "none"; "any" of them; None where samples are
    # compared with each other, as in a contrastive loss or Dice over the batch. Samples may have
    # different weights in "any", and in "mean" where class_weights, ignore_index or mask is set.
    reduction: str | None = "any"
    # What outputs are, where that is not plain from their values: "logits", "probabilities",
    # "log_probabilities", or "values" as in a regression.
    outputs_are: str | None = None
    # The axis of the outputs that counts samples; that of the targets is the first.
    batch_axis: int = 0
    # The class index of places that do not count.
    ignore_index: int | None = None
    # True for the places that count. It is a part of the targets as well, if the loss is given it.
    mask: Tensor | None = None
    # The weight of every class, in order: of 0 and 1 where targets are those.
    class_weights: Tensor | tuple[float, ...] | None = None
    label_smoothing: float = 0.0
    # Whether a part is held constant on purpose where gradients are computed: `x.detach()`.
    stops_gradients: bool = False
    # Whether the loss draws random numbers, or remembers earlier batches, on purpose.
    draws_random_numbers: bool = False
    keeps_state: bool = False
    # Names of parameters of the loss that are not trained, as patterns: ("vgg.*",).
    frozen_parameters: tuple[str, ...] = ()
    # The parts of a sum, as functions (outputs, targets) by name, and their weights, 1 unless set.
    terms: dict[str, Callable] | None = None
    term_weights: dict[str, float] | None = None
    # The same loss worked out in another way: a function (outputs, targets) -> number.
    reference: Callable | None = None

    def call(self, loss: Callable, outputs, targets):
        """How the loss is called. Override it for one that takes several arguments."""
        return loss(outputs, targets)

    def result(self, outputs, targets, loss: Callable | None = None) -> Tensor:
        """What the loss returns under a seed, for copies of its arguments."""
        outputs, targets = mapped(torch.clone, outputs), mapped(torch.clone, targets)
        with seeded(0):
            result = self.call(loss or self.newest_loss(), outputs, targets)
        if not isinstance(result, Tensor):
            self.refuse(
                f"The loss returns {type(result).__name__}; expected a tensor.\nIs it `.item()`, "
                f"which has no gradient? Of several values, return the loss in call()."
            )
        return result

    def value(self, outputs, targets=...) -> float:
        """The loss as a number: the sum where every sample has its own, for the usual targets."""
        targets = self.precise_targets if targets is ... else targets
        return self.result(outputs, targets, self.precise_loss()).detach().double().sum().item()

    def newest_loss(self) -> Any:
        """A copy of the loss, without what earlier calls left in its buffers."""
        loss = unbound(self.loss, self)
        return copy_of(loss) if isinstance(loss, nn.Module) else loss

    def precise_loss(self) -> Callable:
        """The loss in float64, if it computes in that; copied anew where it may have changed."""
        return self.in_double() if self.is_precise else self.newest_loss()

    def in_double(self) -> Callable:
        loss = unbound(self.loss, self)
        if not isinstance(loss, nn.Module):
            return loss
        if any(m.training and m._buffers for m in loss.modules()):
            return self.newest_loss().double()
        return self.kept_in_double

    @cached_property
    def kept_in_double(self) -> nn.Module:
        return self.newest_loss().double()

    @cached_property
    def is_precise(self) -> bool:
        """Whether the loss computes in float64."""
        arguments = mapped(double, self.outputs), mapped(double, self.targets)
        try:
            return self.result(*arguments, self.in_double()).dtype == torch.float64
        except REFUSALS:
            return False

    @cached_property
    def precise_outputs(self):
        """The outputs in float64, if the loss takes that, as in all that is compared by value."""
        self.require_declarations()
        return mapped(double, self.outputs) if self.is_precise else self.outputs

    @cached_property
    def precise_targets(self):
        return mapped(double, self.targets) if self.is_precise else self.targets

    @property
    def tolerance(self) -> float:
        """Relative: some thousand roundings of float64, or of float32."""
        return 1e-9 if self.is_precise else 2e-4

    def require_declarations(self):
        """Fails where an attribute has a value that means nothing, or the loss takes no batch."""
        name = type(self).__name__
        for attribute, allowed in (("reduction", REDUCTIONS), ("outputs_are", KINDS)):
            if (value := getattr(self, attribute)) not in allowed:
                self.refuse(f"{name}.{attribute} is {value!r}; expected one of {allowed}.")
        if not any(x.is_floating_point() for x in tensors_in(self.outputs)):
            self.refuse(f"{name}.outputs has no floating tensor: there is nothing to learn from.")
        if self.size < 2:
            self.refuse(f"{name}.outputs has {self.size} samples; expected at least two different.")
        if not self.is_precise:
            self.require_a_value()

    def require_a_value(self):
        try:
            self.result(self.outputs, self.targets)
        except REFUSALS as error:
            reason = (str(error).strip().splitlines() or [""])[0]
            self.refuse(
                f"The loss raises {type(error).__name__} for the given outputs and targets: "
                f"{reason[:120]}\nAre they in the form that it takes? Else override call()."
            )

    def refuse(self, message: str):
        """Fails in one test, for what keeps all of them from judging, and skips the others."""
        if self._testMethodName != SHAPE_TEST:
            self.skipTest(f"The loss, its outputs or targets are refused by {SHAPE_TEST}.")
        self.fail(message)

    @property
    def size(self) -> int:
        """The number of samples."""
        first = tensors_in(self.outputs)[0]
        return first.shape[self.batch_axis] if first.dim() > self.batch_axis else 0

    def chosen(self, indices: list[int], outputs, targets) -> tuple:
        """Some of the samples of outputs and targets; what has no batch axis stays as it is."""
        size = self.size

        def along(axis: int):
            def choose(tensor: Tensor) -> Tensor:
                if tensor.dim() <= axis or tensor.shape[axis] != size:
                    return tensor
                return tensor.index_select(axis, torch.tensor(indices))

            return choose

        return mapped(along(self.batch_axis), outputs), mapped(along(0), targets)

    def name_of_loss(self) -> str:
        loss = unbound(self.loss, self)
        return getattr(loss, "__name__", type(loss).__name__)


def unbound(function, owner):
    """A function that was set in the body of a class, where Python makes a method of it."""
    if inspect.ismethod(function) and function.__self__ is owner:
        parameters = list(inspect.signature(function.__func__).parameters)
        return function if parameters[:1] == ["self"] else function.__func__
    return function


def double(tensor: Tensor) -> Tensor:
    return tensor.double() if tensor.is_floating_point() else tensor
