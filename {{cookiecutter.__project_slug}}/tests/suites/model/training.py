"""Properties of a model that learns: gradients that are right and arrive, weights that move."""

import torch
from torch import Tensor, nn

from ..instruments.calls import call, eager, tensors_in
from ..instruments.comparing import rms
from ..instruments.copies import copy_of, perturbed, scale_of
from ..instruments.seeds import seeded


class TrainingTests:
    """Tests of what an optimizer step does to a model. Part of AbstractTestModel."""

    # Steps after which every parameter must have moved. A branch that starts at zero holds back
    # the gradient of what lies behind it for one step, one inside another for two.
    optimizer_steps = 3

    def test_all_parameters_are_updated(self):
        """Every parameter changes within a few optimizer steps, but declared frozen ones do not."""
        net = copy_of(self.net).train()
        frozen = self.declared_frozen(net)
        before = {name: p.detach().clone() for name, p in net.named_parameters()}
        self.take_optimizer_steps(net)
        for name, parameter in net.named_parameters():
            with self.subTest(parameter=name):
                if name in frozen:
                    self.check_frozen(name, before[name], parameter)
                else:
                    self.check_updated(name, before[name], parameter)

    def take_optimizer_steps(self, net: nn.Module):
        """A few steps of Adam on a random upstream gradient.

        Not on the sum or mean of the outputs, which is constant behind a softmax or LayerNorm.
        Adam moves a parameter visibly however small its gradient is; it has no weight decay here,
        which would move a parameter without any gradient.
        """
        trainable = [p for p in net.parameters() if p.requires_grad]
        if not trainable:
            self.fail(f"{self.net_name()} has no trainable parameter.\nAre its layers registered?")
        optimizer = torch.optim.Adam(trainable, lr=1e-3)
        with seeded(0), eager():
            for _ in range(self.optimizer_steps):
                outputs = self.differentiable(tensors_in(net(self.test_inputs)))
                optimizer.zero_grad()
                torch.autograd.backward(outputs, [torch.randn_like(o) for o in outputs])
                optimizer.step()

    def check_frozen(self, name: str, before: Tensor, after: nn.Parameter):
        if not torch.equal(before, after):
            self.fail(
                f"{self.net_name()}.{name} is declared as frozen, but changed in "
                f"{self.optimizer_steps} optimizer steps.\nSet requires_grad to False."
            )

    def check_updated(self, name: str, before: Tensor, after: nn.Parameter):
        place = f"{self.net_name()}.{name}"
        if not after.requires_grad:
            self.fail(
                f"{place} is frozen, but not declared in frozen_parameters.\n"
                f"Was requires_grad set to False by accident?"
            )
        if not after.isfinite().all():
            self.fail(
                f"{place} is not finite after {self.optimizer_steps} optimizer steps.\n"
                f"Which gradient is not: that of a root, a norm or a logarithm at zero?"
            )
        if torch.equal(before, after):
            cause = (
                "It never had a gradient. Is the layer used in forward(), and is its output "
                "used and not detached?"
                if after.grad is None
                else "Its gradient is zero. Is its branch multiplied by zero, or its unit dead?"
            )
            self.fail(f"{place} did not change in {self.optimizer_steps} optimizer steps.\n{cause}")

    def test_frozen_modules_keep_their_buffers(self):
        """Training leaves the buffers of modules alone whose parameters are declared frozen."""
        net = copy_of(self.net).train()
        frozen = self.declared_frozen(net)
        if not frozen:
            self.skipTest(f"{type(self).__name__}.frozen_parameters is empty.")
        before = {name: buffer.clone() for name, buffer in net.named_buffers()}
        self.take_optimizer_steps(net)
        for module_name, module in net.named_modules():
            own = {f"{module_name}.{p}" for p, _ in module.named_parameters(recurse=False)}
            if not own or not own <= frozen:
                continue
            for name, buffer in module.named_buffers(module_name, recurse=False):
                if not torch.equal(buffer, before[name]):
                    self.fail(
                        f"{self.net_name()}.{name} changes in training, although the parameters "
                        f"of {module_name} are frozen.\ntrain() puts it back into training mode. "
                        f"Override train() to keep it in eval mode."
                    )

    def test_gradients_reach_the_first_layer(self):
        """Gradients are finite, and of comparable size in the first and the last layer."""
        net = perturbed(self.net).train()
        with seeded(0), eager():
            outputs = self.differentiable(tensors_in(net(self.test_inputs)))
            torch.autograd.backward(outputs, [torch.randn_like(o) for o in outputs])
        largest = {
            name: parameter.grad.abs().max().item()
            for name, parameter in net.named_parameters()
            if parameter.grad is not None and parameter.dim() > 1
        }
        if not largest:
            self.skipTest(f"{self.net_name()} has no weight matrix with a gradient.")
        self.check_sizes(largest)

    def check_sizes(self, largest: dict[str, float]):
        """Compares the largest absolute gradients of all weight matrices, by name."""
        low, high = min(largest, key=largest.__getitem__), max(largest, key=largest.__getitem__)
        # Layers of one healthy network differ by up to a thousand: a convolution adds up over
        # thousands of positions, a branch that starts at zero is small.
        if not largest[high] < 1e5 * largest[low]:
            self.fail(
                f"{self.net_name()}.{low} has gradients up to {largest[low]:.1g}, {high} up to "
                f"{largest[high]:.1g}.\nDo they vanish in a stack of sigmoids or tanhs, or "
                f"explode in one part of the model?"
            )
        # For a gradient around 1 at every output; a sum over positions of large inputs stays below.
        bound = 1e5 * max(1.0, rms(self.test_inputs))
        if not all(value < bound for value in largest.values()):
            self.fail(
                f"{self.net_name()}.{high} has gradients up to {largest[high]:.1g} for gradients "
                f"around 1 at the outputs.\nDo they explode, for want of a normalisation or of "
                f"smaller initial weights?"
            )

    def test_gradients_equal_numerical_ones(self):
        """The gradients are those of the function computed, along a random direction."""
        self.require_floating_inputs()
        net = self.net_in_double_precision()
        for name, (function, inputs) in self.functions(net).items():
            for scale in (1, 10):  # a clamp may act on large values only
                with self.subTest(function=name, scale=scale):
                    self.check_gradients(net, name, function, inputs * scale)

    def check_gradients(self, net: nn.Module, name: str, function, inputs: Tensor):
        """Fails where backward and finite differences disagree.

        A ReLU that switches within the step makes the differences to either side disagree with
        each other, which says nothing about backward: then another direction is tried.
        """
        inputs = inputs.detach().requires_grad_()
        function = learning_part(function, inputs)
        tensors = [inputs, *(p for p in net.parameters() if p.requires_grad)]
        for seed in range(5):
            directions = directions_of(tensors, seed=seed + 1)
            analytical, size = derivative_by_backward(function, inputs, tensors, directions)
            behind, ahead = derivatives_by_difference(function, inputs, tensors, directions)
            numerical = (behind + ahead) / 2
            # Rounding costs about 1e-8 of the gradient's norm, the size of a usual derivative.
            tolerance = 1e-4 * max(size, abs(numerical))
            if abs(ahead - behind) > tolerance:
                continue
            if abs(analytical - numerical) <= tolerance:
                return
            self.fail(
                f"{self.net_name()}: backward through {name} gives a derivative of "
                f"{analytical:.6g} where finite differences give {numerical:.6g}.\nIs a value "
                f"changed through .data, detached, reversed, or is a backward() written by hand?"
            )
        self.skipTest(f"{self.net_name()}.{name} has a kink or a step wherever it was looked at.")


def learning_part(function, inputs: Tensor):
    """A function without those of its outputs that have no gradient, as those of a teacher."""
    with seeded(0), eager():
        outputs = tensors_in(function(inputs))
    learning = [i for i, output in enumerate(outputs) if output.requires_grad]

    def part(inputs: Tensor) -> list[Tensor]:
        outputs = tensors_in(function(inputs))
        return [outputs[i] for i in learning or range(len(outputs))]

    return part


def derivative_by_backward(
    function, inputs: Tensor, tensors: list[Tensor], directions: list[Tensor]
) -> tuple[float, float]:
    """Derivative of a random projection of the outputs along a direction of all tensors.

    Returns it with the root of the sum of its squared terms, one for each element of the tensors.
    """
    for tensor in tensors:
        tensor.grad = None
    with seeded(0), eager():
        outputs = tensors_in(function(inputs))
    upstream = random_like(outputs, seed=0)
    learning = [(o, u) for o, u in zip(outputs, upstream, strict=True) if o.requires_grad]
    if not learning:
        return 0.0, 0.0
    torch.autograd.backward([o for o, _ in learning], [u for _, u in learning])
    pairs = [(x.grad, d) for x, d in zip(tensors, directions, strict=True) if x.grad is not None]
    terms = [gradient * direction for gradient, direction in pairs]
    return sum(t.sum().item() for t in terms), sum(t.square().sum().item() for t in terms) ** 0.5


def derivatives_by_difference(
    function, inputs: Tensor, tensors: list[Tensor], directions: list[Tensor]
) -> tuple[float, float]:
    """The same derivative as a difference to either side; the tensors are restored."""
    # Relative to the tensors' own sizes. Rounding in float64 costs about 1e-16 / 1e-7 of the
    # outputs, curvature about 1e-7 of the derivative.
    step = 1e-7

    def moved_by(distance: float) -> float:
        with torch.no_grad():
            for tensor, direction in zip(tensors, directions, strict=True):
                tensor += distance * direction
        outputs = call(function, inputs)
        pairs = zip(outputs, random_like(outputs, seed=0), strict=True)
        return sum((output * u).sum().item() for output, u in pairs)

    behind, ahead = moved_by(-step), moved_by(2 * step)
    here = moved_by(-step)
    return (here - behind) / step, (ahead - here) / step


def directions_of(tensors: list[Tensor], seed: int) -> list[Tensor]:
    """Random directions, each of the size of its tensor: no layer moves more than another."""
    pairs = zip(tensors, random_like(tensors, seed), strict=True)
    return [scale_of(tensor.detach()) * direction for tensor, direction in pairs]


def random_like(tensors: list[Tensor], seed: int) -> list[Tensor]:
    with seeded(seed):
        return [torch.randn_like(tensor) for tensor in tensors]
