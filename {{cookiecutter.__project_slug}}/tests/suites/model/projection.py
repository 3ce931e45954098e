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
    # outputs, curvature about 1e-7 of the derivative.
    STEP = 1e-7

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
        terms = [tensor.grad * direction for tensor, direction in pairs if tensor.grad is not None]
        size = sum(t.square().sum().item() for t in terms) ** 0.5
        return sum(t.sum().item() for t in terms), size

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

    def holds_further_on(
        self, numerical: float, analytical: float, directions: list[Tensor]
    ) -> bool:
        """Whether a thousand times the step gives the same difference to what backward says.

        What is computed in float32 on the way is a staircase, with steps of about 1e-7: smaller
        differences are chance, or zero. Curvature costs about 1e-8 of the derivative here.
        """
        sides = self.derivatives_by_difference(directions, 1000 * self.STEP)[:2]
        return abs(sum(sides) / 2 - numerical) <= 0.1 * abs(analytical - numerical)

    def part_of(self, outputs: list) -> list:
        return [outputs[index] for index in self.learning or range(len(outputs))]

    def derivatives_by_difference(
        self, directions: list[Tensor], step: float = STEP
    ) -> tuple[float, float, float]:
        """The same derivative as a difference to either side, and what rounding may cost it.

        The tensors are restored.
        """
        behind = self.moved_by(-step, directions)
        ahead = self.moved_by(2 * step, directions)
        self.move(-step, directions)
        rounding = 1e-15 * max(map(abs, (behind, self.here, ahead))) / step
        return (self.here - behind) / step, (ahead - self.here) / step, rounding

    def moved_by(self, distance: float, directions: list[Tensor]) -> float:
        self.move(distance, directions)
        return self.value_of(computed(self.function, self.passed()))

    def move(self, distance: float, directions: list[Tensor]):
        with torch.no_grad():
            for tensor, direction in zip(self.tensors, directions, strict=True):
                tensor += distance * direction


def directions_of(tensors: list[Tensor], seed: int) -> list[Tensor]:
    """Random directions, each of the size of its tensor: no layer moves more than another."""
    pairs = zip(tensors, random_like(tensors, seed), strict=True)
    return [scale_of(tensor.detach()) * direction for tensor, direction in pairs]


def random_like(tensors: list[Tensor], seed: int) -> list[Tensor]:
    with seeded(seed):
        return [noise_like(tensor) for tensor in tensors]
