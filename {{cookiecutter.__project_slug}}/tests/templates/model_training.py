"""Properties of a model that learns: live activations, gradients that arrive, weights that move."""

import fnmatch
from collections.abc import Iterator

import torch
from torch import Tensor, nn

from .running import call, copy_of, eager, perturbed, seeded, tensors_in


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

    def test_initial_activations_are_alive(self):
        """No layer of a new model is dead, blows up its inputs or has units that are all equal."""
        net = copy_of(self.net).eval()
        scale = max(1.0, rms(self.test_inputs))
        for name, module, inputs, output in recorded(net, self.test_inputs):
            place = f"{self.net_name()}.{name} ({type(module).__name__})"
            if rms(output) > 100 * scale:
                self.fail(
                    f"{place} returns values around {rms(output):.2g} in a new model, for inputs "
                    f"of the model around {scale:.2g}.\nAre its initial weights far too large?"
                )
            if starts_at_zero(module) or not varies(inputs):
                continue
            if isinstance(module, WEIGHTED) and rms(output) < 1e-3 * rms(inputs[0]):
                self.fail(
                    f"{place} returns values around {rms(output):.2g} in a new model, for inputs "
                    f"around {rms(inputs[0]):.2g}.\nAre its initial weights far too small? What "
                    f"lies behind it gets no signal."
                )
            if dead_part(output) > 0.9:
                self.fail(
                    f"{place}: {dead_part(output):.0%} of its units return the same for every "
                    f"sample in a new model.\nAre they dead: initial weights or biases far "
                    f"off, or an activation behind another one?"
                )
            if units_are_equal(module, output):
                self.fail(
                    f"{place}: all units return the same in a new model.\nAre the initial weights "
                    f"constant? Equal units get equal gradients and stay equal for ever."
                )

    def test_every_module_is_used(self):
        """Every layer takes part in a forward pass."""
        net = copy_of(self.net).train()
        frozen = self.declared_frozen(net)
        called = {name for name, *_ in recorded(net, self.test_inputs, training=True)}
        for name, module in leaves(net):
            parameters = dict(module.named_parameters(name))
            # Attention uses the weights of its output layer without calling it.
            has_gradient = any(p.grad is not None for p in parameters.values())
            is_frozen = bool(parameters) and set(parameters) <= frozen
            if name not in called and not has_gradient and not is_frozen:
                self.fail(
                    f"{self.net_name()}.{name} ({type(module).__name__}) is never called.\n"
                    f"Is it built in __init__ and forgotten in forward()?"
                )

    def test_no_module_is_shared_by_accident(self):
        """No layer stands in two places, unless it is declared."""
        names: dict[nn.Module, str] = {}
        for name, module in copy_of(self.net).named_modules(remove_duplicate=False):
            has_weights = any(True for _ in module.parameters(recurse=False))
            if not has_weights or any(fnmatch.fnmatch(name, p) for p in self.shared_modules):
                continue
            first = names.setdefault(module, name)
            if first != name:
                self.fail(
                    f"{self.net_name()}.{first} and {name} are the same layer.\nWas it copied by "
                    f"reference, as by [layer] * 2? If it is meant, add {name!r} to shared_modules."
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
        """Fails where backward and finite differences disagree along three directions.

        Once in a few hundred directions a ReLU switches within the step, and the difference is
        off; not along three of them.
        """
        inputs = inputs.detach().requires_grad_()
        tensors = [inputs, *(p for p in net.parameters() if p.requires_grad)]
        for seed in range(3):
            directions = random_like(tensors, seed=seed + 1)
            analytical, size = derivative_by_backward(function, inputs, tensors, directions)
            numerical = derivative_by_difference(function, inputs, tensors, directions)
            # Rounding costs about 1e-7 of the gradient's norm, the size of a usual derivative.
            if abs(analytical - numerical) <= 1e-4 * max(size, abs(numerical)):
                return
        self.fail(
            f"{self.net_name()}: backward through {name} gives a derivative of {analytical:.6g} "
            f"where finite differences give {numerical:.6g}.\nIs a value changed through .data, "
            f"detached, reversed, or is a backward() written by hand?"
        )


def derivative_by_backward(
    function, inputs: Tensor, tensors: list[Tensor], directions: list[Tensor]
) -> tuple[float, float]:
    """Derivative of a random projection of the outputs along a direction of all tensors.

    Returns it with the norm of the gradient.
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
    along = sum((gradient * direction).sum().item() for gradient, direction in pairs)
    return along, sum(gradient.square().sum().item() for gradient, _ in pairs) ** 0.5


def derivative_by_difference(
    function, inputs: Tensor, tensors: list[Tensor], directions: list[Tensor]
) -> float:
    """The same derivative as a central difference; the tensors are restored."""
    step = 1e-8  # rounding in float64 costs about 1e-16 / 1e-8 of the outputs

    def moved_by(distance: float) -> float:
        with torch.no_grad():
            for tensor, direction in zip(tensors, directions, strict=True):
                tensor += distance * direction
        outputs = call(function, inputs)
        pairs = zip(outputs, random_like(outputs, seed=0), strict=True)
        return sum((output * u).sum().item() for output, u in pairs)

    plus, minus = moved_by(step), moved_by(-2 * step)
    moved_by(step)
    return (plus - minus) / (2 * step)


def random_like(tensors: list[Tensor], seed: int) -> list[Tensor]:
    with seeded(seed):
        return [torch.randn_like(tensor) for tensor in tensors]


def recorded(net: nn.Module, inputs: Tensor, training: bool = False) -> list[tuple]:
    """Name, module, inputs and output of every call of a module without submodules.

    With `training`, gradients are computed as well.
    """
    calls = []

    def record(module, inputs, output):
        calls.append((names[module], module, tensors_in(inputs), output))

    names = {module: name for name, module in leaves(net)}
    hooks = [module.register_forward_hook(record) for module in names]
    with seeded(0), eager():
        outputs = [o for o in tensors_in(net(inputs)) if o.requires_grad]
        if training and outputs:
            torch.autograd.backward(outputs, [torch.ones_like(o) for o in outputs])
    for hook in hooks:
        hook.remove()
    if training:
        return calls
    return [c for c in calls if isinstance(c[3], Tensor) and c[3].is_floating_point()]


# Layers whose outputs are sums of their inputs times weights.
WEIGHTED = (
    nn.Linear,
    nn.Conv1d,
    nn.Conv2d,
    nn.Conv3d,
    nn.ConvTranspose1d,
    nn.ConvTranspose2d,
    nn.ConvTranspose3d,
)

# They hold modules or parameters and are not called themselves.
CONTAINERS = (nn.ModuleList, nn.ModuleDict, nn.Sequential, nn.ParameterList, nn.ParameterDict)


def leaves(net: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """Name and module of all modules without submodules, but for empty containers."""
    for name, module in net.named_modules():
        is_leaf = not any(True for _ in module.children())
        if is_leaf and module is not net and not isinstance(module, CONTAINERS):
            yield name, module


def rms(values: Tensor) -> float:
    """Root of the mean square."""
    return values.detach().double().square().mean().sqrt().item()


def varies(tensors: list[Tensor]) -> bool:
    """Whether the first axis, the batch, shows any difference."""
    return any(len(t) > 1 and not torch.equal(t, t[:1].expand_as(t)) for t in tensors if t.dim())


def starts_at_zero(module: nn.Module) -> bool:
    """Whether the weight of a module is zero: the end of a residual branch often starts so."""
    weight = getattr(module, "weight", None)
    return isinstance(weight, Tensor) and not weight.any()


def dead_part(output: Tensor) -> float:
    """Part of the units that return the same for every sample of the batch."""
    if len(output) < 2:
        return 0.0
    return (output == output[:1]).all(dim=0).float().mean().item()


def units_are_equal(module: nn.Module, output: Tensor) -> bool:
    """Whether all units of a linear or convolutional layer return the same."""
    if not isinstance(module, WEIGHTED):
        return False
    units = output.movedim(-1 if isinstance(module, nn.Linear) else 1, 0).flatten(1)
    # Up to rounding: a vectorised sum may treat units differently.
    return len(units) > 1 and torch.allclose(units, units[:1].expand_as(units), rtol=1e-5)
