"""The gradients of a model are those of the function that it computes."""

import torch
from torch import Tensor, nn

from ..instruments.calls import computed, eager
from ..instruments.copies import scale_of
from ..instruments.nested import is_number, mapped, tensors_in
from ..instruments.seeds import seeded
from .probing import ModelProbe, Part


class NumericalTests(ModelProbe):
    """Tests of backward against finite differences. Part of AbstractTestModel."""

    def test_gradients_equal_numerical_ones(self):
        """The gradients are those of the function computed, along a random direction."""
        net = self.net_in_double_precision()
        for name, part in self.functions(net).items():
            floating = any(is_number(tensor) for tensor in tensors_in(part.inputs))
            for scale in (1, 10) if floating else (1,):  # a clamp may act on large values only
                with self.subTest(function=name, scale=scale):
                    self.check_gradients(net, name, part, scale)

    def check_gradients(self, net: nn.Module, name: str, part: Part, scale: float):
        """Fails where backward and finite differences disagree.

        A ReLU that switches within the step makes the differences to either side disagree with
        each other, which says nothing about backward: then another direction is tried.
        """
        projection = Projection(net, part, scale)
        if not projection.tensors:
            self.skipTest(f"{self.net_name()}.{name} has neither floating inputs nor parameters.")
        for seed in range(5):
            directions = directions_of(projection.tensors, seed=seed + 1)
            analytical, size = projection.derivative_by_backward(directions)
            behind, ahead, rounding = projection.derivatives_by_difference(directions)
            numerical = (behind + ahead) / 2
            # Rounding costs about 1e-8 of the gradient's norm, the size of a usual derivative.
            tolerance = 1e-4 * max(size, abs(numerical)) + rounding
            if not abs(ahead - behind) <= tolerance:
                continue
            if abs(analytical - numerical) <= tolerance:
                return
            self.fail(
                f"{self.net_name()}: backward through {name} gives a derivative of "
                f"{analytical:.6g} where finite differences give {numerical:.6g}.\nIs a value "
                f"changed through .data, detached, reversed, or is a backward() written by hand?"
            )
        self.skipTest(f"{self.net_name()}.{name} has a kink or a step wherever it was looked at.")


class Projection:
    """A random projection of the outputs of a function, as a function of inputs and parameters."""

    # Relative to the tensors' own sizes. Rounding in float64 costs about 1e-16 / 1e-7 of the
    # outputs, curvature about 1e-7 of the derivative.
    STEP = 1e-7

    def __init__(self, net: nn.Module, part: Part, scale: float):
        self.function = part.function
        inputs = mapped(lambda t: (t * scale).detach() if is_number(t) else t, part.inputs)
        self.inputs = inputs
        self.leaves = [t.requires_grad_() for t in tensors_in(inputs) if is_number(t)]
        parameters = [p for p in net.parameters() if p.requires_grad and p.is_floating_point()]
        self.tensors = [*self.leaves, *parameters]
        self.learning: list[int] = []  # the outputs that have a gradient, unlike a teacher's

    def passed(self):
        """The inputs as they are handed over: the model may change them in place."""
        return mapped(lambda t: t.clone() if is_number(t) else t, self.inputs)

    def derivative_by_backward(self, directions: list[Tensor]) -> tuple[float, float]:
        """Derivative of the projection along a direction of all tensors.

        Returns it with the root of the sum of its squared terms, one for each element.
        """
        for tensor in self.tensors:
            tensor.grad = None
        with seeded(0), eager():
            outputs = tensors_in(self.function(self.passed()))
        self.learning = [i for i, output in enumerate(outputs) if output.requires_grad]
        if not self.learning:
            return 0.0, 0.0
        upstream = random_like(outputs, seed=0)
        torch.autograd.backward(self.part_of(outputs), self.part_of(upstream))
        pairs = zip(self.tensors, directions, strict=True)
        terms = [tensor.grad * direction for tensor, direction in pairs if tensor.grad is not None]
        size = sum(t.square().sum().item() for t in terms) ** 0.5
        return sum(t.sum().item() for t in terms), size

    def part_of(self, outputs: list) -> list:
        return [outputs[index] for index in self.learning or range(len(outputs))]

    def derivatives_by_difference(self, directions: list[Tensor]) -> tuple[float, float, float]:
        """The same derivative as a difference to either side, and what rounding may cost it.

        The tensors are restored.
        """
        behind = self.moved_by(-self.STEP, directions)
        ahead = self.moved_by(2 * self.STEP, directions)
        here = self.moved_by(-self.STEP, directions)
        size = max(map(abs, (behind, here, ahead)))
        rounding = 1e-15 * size / self.STEP
        return (here - behind) / self.STEP, (ahead - here) / self.STEP, rounding

    def moved_by(self, distance: float, directions: list[Tensor]) -> float:
        with torch.no_grad():
            for tensor, direction in zip(self.tensors, directions, strict=True):
                tensor += distance * direction
        outputs = computed(self.function, self.passed())
        pairs = zip(outputs, random_like(outputs, seed=0), strict=True)
        return sum((output * u).sum().item() for output, u in self.part_of(list(pairs)))


def directions_of(tensors: list[Tensor], seed: int) -> list[Tensor]:
    """Random directions, each of the size of its tensor: no layer moves more than another."""
    pairs = zip(tensors, random_like(tensors, seed), strict=True)
    return [scale_of(tensor.detach()) * direction for tensor, direction in pairs]


def random_like(tensors: list[Tensor], seed: int) -> list[Tensor]:
    with seeded(seed):
        return [torch.randn_like(tensor) for tensor in tensors]
