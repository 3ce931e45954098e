# SPDX-License-Identifier: MIT
"""A derivative of a model in one direction: by backward, and by finite differences."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from ..instruments.calls import computed, eager
from ..instruments.copies import noise_like, scale_of
from ..instruments.nested import hides_a_part, is_number, mapped, tensors_in
from ..instruments.seeds import seeded


class Projection:
    """A random projection of the outputs of a function, as a function of inputs and parameters."""

    # Relative to the tensors' own sizes. Rounding in float64 costs about 1e-16 / 1e-7 of the
    # outputs, curvature about 1e-7 of the derivative. The smaller ones are for models with so many
    # ReLUs that one of them switches in any larger step.
    STEPS = (1e-7, 1e-8, 1e-9)

    def __init__(self, net: nn.Module, function: Callable, inputs):
        self.function, self.inputs = function, inputs
        leaves = [t for t in tensors_in(inputs) if is_number(t) and not hides_a_part(t.detach())]
        self.leaves = [leaf.requires_grad_() for leaf in leaves]
        self.tables = [m for m in net.modules() if isinstance(m, nn.Embedding | nn.EmbeddingBag)]
        parameters = [p for p in net.parameters() if p.requires_grad and p.is_floating_point()]
        self.tensors = [*self.leaves, *parameters]
        self.learning: list[int] = []  # the outputs that have a gradient, unlike a teacher's
        self.here = 0.0  # the projection where the gradients are computed

    def passed(self):
        """The inputs as they are handed over: the model may change them in place."""
        return mapped(lambda t: t.clone() if is_number(t) else t, self.inputs)

    def outputs(self) -> list[Tensor]:
        with seeded(0), eager():
            outputs = tensors_in(self.function(self.passed()))
        self.learning = [i for i, output in enumerate(outputs) if output.requires_grad]
        self.here = self.value_of(outputs)
        return outputs

    def value_of(self, outputs: list[Tensor]) -> float:
        pairs = zip(outputs, random_like(outputs, seed=0), strict=True)
        return sum((o.detach() * u).sum().real.item() for o, u in self.part_of(list(pairs)))

    def derivative_by_backward(
        self, outputs: list[Tensor], directions: list[Tensor]
    ) -> tuple[float, float]:
        """Derivative of the projection of outputs along a direction of all tensors.

        Returns it with the root of the sum of its squared terms, one for each element.
        """
        if not self.learning:
            return 0.0, 0.0
        for tensor in self.tensors:
            tensor.grad = None
        upstream = random_like(outputs, seed=0)
        torch.autograd.backward(self.part_of(outputs), self.part_of(upstream))
        pairs = zip(self.tensors, directions, strict=True)
        total = size = 0.0
        for tensor, direction in pairs:
            if tensor.grad is not None:
                terms = tensor.grad * direction
                total, size = total + terms.sum().item(), size + terms.square().sum().item()
                tensor.grad = None  # large models have no room for all of them
        return total, size**0.5

    def directions(self, seed: int) -> list[Tensor]:
        """Random directions of all tensors; 0 for what a table of vectors gives no true gradient.

        The vector of the padding has none, on purpose. One that is shortened to max_norm has that
        of the vector before, and scale_grad_by_freq divides by a count.
        """
        directions = directions_of(self.tensors, seed)
        for tensor, direction in zip(self.tensors, directions, strict=True):
            for table in self.tables:
                if table.weight is tensor and table.padding_idx is not None:
                    direction[table.padding_idx] = 0
                if table.weight is tensor and (table.max_norm or table.scale_grad_by_freq):
                    direction.zero_()
        return directions

    def derivative_by_difference(
        self, directions: list[Tensor], expected: float, size: float
    ) -> float | None:
        """The same derivative by finite differences; None where each step meets a kink.

        It is `expected` itself where it is that but for rounding, as the difference to one side
        shows already.
        """
        for step in self.STEPS:
            # Rounding costs about 1e-8 of the gradient's norm, the size of a usual derivative.
            rounding = 2e-15 * abs(self.here) / step
            ahead = self.slope(step, directions)
            if abs(ahead - expected) <= 1e-4 * max(size, abs(ahead)) + rounding:
                return expected
            behind = self.slope(-step, directions)
            numerical = (behind + ahead) / 2
            tolerance = 1e-4 * max(size, abs(numerical)) + rounding
            if abs(ahead - behind) <= tolerance:
                if abs(expected - numerical) <= tolerance:
                    return expected
                return numerical if self.holds_further_on(numerical, expected, directions) else None
        return None

    def holds_further_on(self, numerical: float, expected: float, directions: list[Tensor]) -> bool:
        """Whether a step of 1e-4 gives the same difference to what backward says.

        What is computed in float32 on the way is a staircase, with steps of about 1e-7: smaller
        differences are chance, or zero. Curvature costs about 1e-8 of the derivative here.
        """
        sides = [self.slope(step, directions) for step in (1e-4, -1e-4)]
        return abs(sum(sides) / 2 - numerical) <= 0.1 * abs(expected - numerical)

    def part_of(self, outputs: list) -> list:
        return [outputs[index] for index in self.learning or range(len(outputs))]

    def slope(self, step: float, directions: list[Tensor]) -> float:
        """The difference to one side; the tensors are restored."""
        value = self.moved_by(step, directions)
        self.move(-step, directions)
        return (value - self.here) / step

    def moved_by(self, distance: float, directions: list[Tensor]) -> float:
        self.move(distance, directions)
        return self.value_of(computed(self.function, self.passed()))

    def move(self, distance: float, directions: list[Tensor]):
        with torch.no_grad():
            for tensor, direction in zip(self.tensors, directions, strict=True):
                tensor.add_(direction, alpha=distance)


def directions_of(tensors: list[Tensor], seed: int) -> list[Tensor]:
    """Random directions, each of the size of its tensor: no layer moves more than another."""
    pairs = zip(tensors, random_like(tensors, seed), strict=True)
    return [scale_of(tensor.detach()) * direction for tensor, direction in pairs]


def random_like(tensors: list[Tensor], seed: int) -> list[Tensor]:
    with seeded(seed):
        return [noise_like(tensor) for tensor in tensors]
