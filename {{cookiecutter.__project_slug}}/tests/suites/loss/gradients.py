# SPDX-License-Identifier: MIT
"""Properties of the gradients of a loss."""

import fnmatch
from functools import cached_property, partial

import torch
from torch import Tensor, nn

from ..instruments.calls import tensors_in
from ..instruments.comparing import rms
from ..instruments.nested import mapped, replaced
from ..instruments.seeds import seeded
from .contract import unbound
from .right_answers import RightAnswers

DIRECTIONS = 3


class GradientTests(RightAnswers):
    """Tests of gradients. Part of AbstractTestLoss."""

    def test_gradient_reaches_the_outputs(self):
        """The loss has a gradient, and it reaches every sample and every slice of the outputs."""
        reached = self.reached()
        if not any(tensor.any() for tensor in reached.values()):
            self.fail(
                "The gradient of the loss is zero for all outputs.\nAre they rounded, compared "
                "with a threshold, or put through argmax? A loss needs a smooth form."
            )
        for name, tensor in reached.items():
            for axis in range(tensor.dim()):
                other_axes = [a for a in range(tensor.dim()) if a != axis]
                alive = tensor.any(dim=other_axes) if other_axes else tensor
                missing = (~alive).nonzero().flatten().tolist()
                if missing and not self.may_miss(axis, missing, tensor):
                    self.fail(
                        f"No gradient of the loss reaches {name} at index {missing[:5]} of axis "
                        f"{axis}, of {len(alive)}.\nAre they sliced off, detached, or masked? "
                        f"Places that do not count are declared as mask or ignore_index."
                    )

    def may_miss(self, axis: int, missing: list[int], tensor: Tensor) -> bool:
        """Whether places of an axis do not count, or the last of a sequence has no next token."""
        places = self.places()
        if places is not None:
            return True
        tokens = isinstance(self.targets, Tensor) and not self.targets.is_floating_point()
        return tokens and tensor.dim() == 3 and axis == 1 and missing == [tensor.shape[1] - 1]

    def reached(self) -> dict[str, Tensor]:
        """By tensor of the outputs, where a gradient arrives, for other outputs or targets too."""
        names = self.names_of_outputs()
        reached = [torch.zeros(x.shape, dtype=torch.bool) for x in self.learned()]
        for outputs, targets in self.pairs():
            for place, gradient in zip(reached, self.gradients(outputs, targets), strict=True):
                place |= gradient != 0
        return dict(zip(names, reached, strict=True))

    def pairs(self) -> list[tuple]:
        """Outputs with targets, matched with other samples, and of other scales and signs.

        A hinge or a clipped loss is flat for some outputs, and not for others.
        """
        outputs, targets = self.precise_outputs, self.precise_targets
        others = [self.chosen(self.turned(shift), outputs, targets) for shift in range(1, 4)]
        pairs = [(outputs, targets), *((outputs, other) for _, other in others)]
        pairs += [(other, targets) for other, _ in others]
        for scale in (0.1, 3.0, -3.0):
            pairs.append((mapped(partial(scaled, scale=scale), outputs), targets))
        if self.reading is not None:
            pairs.append((self.reading.wrong(), targets))
        return pairs

    def learned(self) -> list[Tensor]:
        return [x for x in tensors_in(self.precise_outputs) if x.is_floating_point()]

    def names_of_outputs(self) -> list[str]:
        """outputs, outputs[0], ...: what a message calls the floating tensors."""
        if isinstance(self.outputs, Tensor):
            return ["outputs"]
        keys = list(self.outputs) if isinstance(self.outputs, dict) else range(len(self.outputs))
        tensors = tensors_in(self.outputs)
        keys = keys if len(keys) == len(tensors) else range(len(tensors))
        return [
            f"outputs[{key!r}]"
            for key, tensor in zip(keys, tensors, strict=True)
            if tensor.is_floating_point()
        ]

    def test_gradients_equal_numerical_ones(self):
        """Along a few directions, the gradient is the slope of the loss."""
        if self.stops_gradients:
            self.skipTest("A part of the loss is declared to be held constant.")
        if self.draws_random_numbers and not self.is_precise:
            self.skipTest("The loss draws random numbers in float32.")
        gradients = self.gradients(self.precise_outputs, self.precise_targets)
        step, tolerance = (1e-6, 1e-4) if self.is_precise else (3e-3, 0.1)
        floor = tolerance * sum(rms(g) * g.numel() ** 0.5 for g in gradients)
        for number in range(DIRECTIONS):
            with seeded(number):
                # Exact zeros may be kinks, as of an absolute value.
                direction = [torch.randn_like(x) * rms(x) * (x != 0) for x in self.learned()]
            slope = (self.moved(direction, step) - self.moved(direction, -step)) / (2 * step)
            found = sum((g * d).sum().item() for g, d in zip(gradients, direction, strict=True))
            if not abs(slope - found) <= tolerance * max(abs(slope), abs(found)) + floor / 10:
                self.fail(
                    f"The loss changes by {slope:.5g} along a direction, its gradient says "
                    f"{found:.5g}.\nIs a part detached, `.item()` or `.data`, as in "
                    f"loss / loss.item()? Where it is meant, declare stops_gradients = True."
                )

    def moved(self, direction: list[Tensor], step: float) -> float:
        """The loss some way along a direction."""
        steps = iter(direction)
        tensors = [
            x + step * next(steps) if x.is_floating_point() else x
            for x in tensors_in(self.precise_outputs)
        ]
        return self.value(mapped(self.normalised, replaced(self.precise_outputs, tensors)))

    def test_parameters_are_trained(self):
        """Every parameter of the loss has a finite gradient, except those declared frozen."""
        loss = unbound(self.loss, self)
        if not isinstance(loss, nn.Module) or not list(loss.parameters()):
            self.skipTest("The loss has no parameters.")
        self.require_declarations()
        frozen = self.frozen_names(loss)
        for name, gradient in self.gradients_of_parameters.items():
            with self.subTest(parameter=name):
                self.check_parameter(name, gradient, name in frozen)

    def check_parameter(self, name: str, gradient: Tensor | None, frozen: bool):
        full_name = f"{self.name_of_loss()}.{name}"
        if frozen and gradient is not None and gradient.any():
            self.fail(
                f"{full_name} is declared frozen, but has a gradient.\nCall requires_grad_(False)."
            )
        if not frozen and (gradient is None or not gradient.any()):
            self.fail(
                f"{full_name} has no gradient.\nIs it detached, `.data`, unused, or frozen? If "
                f"that is meant, declare it in frozen_parameters."
            )
        if gradient is not None and not gradient.isfinite().all():
            self.fail(f"The gradient of {full_name} is not finite.")

    @cached_property
    def gradients_of_parameters(self) -> dict[str, Tensor | None]:
        loss = self.newest_loss()
        outputs = mapped(
            lambda x: x.detach().requires_grad_() if x.is_floating_point() else x, self.outputs
        )
        self.result(outputs, self.targets, loss).sum().backward()
        return {name: parameter.grad for name, parameter in loss.named_parameters()}

    def frozen_names(self, loss: nn.Module) -> set[str]:
        names = [name for name, _ in loss.named_parameters()]
        found = {pattern: fnmatch.filter(names, pattern) for pattern in self.frozen_parameters}
        for pattern, matches in found.items():
            if not matches:
                self.fail(
                    f"frozen_parameters has {pattern!r}, but {self.name_of_loss()} has no such "
                    f"parameter.\nThe first names are {names[:4]}."
                )
        return {name for matches in found.values() for name in matches}


def scaled(tensor: Tensor, scale: float) -> Tensor:
    """Probabilities and the like, which are never negative, stay what they are."""
    return scale * tensor if (tensor < 0).any() else tensor
