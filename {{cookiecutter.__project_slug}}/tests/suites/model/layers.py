"""Properties of the layers of a model: alive, used, not shared, and not in each other's place."""

import fnmatch
from collections import Counter
from collections.abc import Iterator

import torch
from torch import Tensor, nn

from ..instruments.calls import eager, tensors_in
from ..instruments.comparing import rms
from ..instruments.copies import copy_of
from ..instruments.seeds import seeded


class LayerTests:
    """Tests of how a model is put together. Part of AbstractTestModel."""

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
        # In training, a branch may be left out at random.
        called |= {name for name, *_ in recorded(copy_of(net).eval(), self.test_inputs)}
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

    def test_no_linear_layer_makes_up_for_another(self):
        """Between two linear layers stands an activation, unless the first one narrows."""
        net = copy_of(self.net).eval()
        for first_name, first, second_name, second in linear_pairs(net, self.test_inputs):
            # A layer that narrows is a factorisation, which has fewer weights than a single one.
            if first.out_features >= min(first.in_features, second.out_features):
                self.fail(
                    f"{self.net_name()}.{second_name} follows on {first_name} directly: two linear "
                    f"layers, for which a single one would do.\nIs the activation between them "
                    f"missing?"
                )


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


def linear_pairs(net: nn.Module, inputs: Tensor) -> Iterator[tuple[str, nn.Linear, str, nn.Linear]]:
    """Name and module of linear layers of which the second is all that the first's output is for.

    Found in the graph that autograd records: between them are changes of shape only.
    """
    calls = []

    def record(module, inputs, output):
        # The nodes, now: an activation in place gives the same tensor another one.
        calls.append((names[module], module, inputs[0].grad_fn, output.grad_fn))

    names = {module: name for name, module in leaves(net) if type(module) is nn.Linear}
    hooks = [module.register_forward_hook(record) for module in names]
    with seeded(0), eager():
        outputs = [o for o in tensors_in(net(inputs)) if o.requires_grad]
    for hook in hooks:
        hook.remove()
    uses = Counter(uses_of_nodes([output.grad_fn for output in outputs]))
    makers = {node: (name, module) for name, module, _, node in calls if node is not None}
    for second_name, second, node, _ in calls:
        while node is not None and node not in makers and node.name() in SHAPE_CHANGES:
            node = node.next_functions[0][0] if uses[node] == 1 else None
        if node in makers and uses[node] == 1:
            yield *makers[node], second_name, second


def uses_of_nodes(last: list) -> Iterator:
    """The nodes of a graph, each as often as its output is used; those of the results once more."""
    seen, ahead = set(last), list(set(last))
    yield from last
    while ahead:
        for node, _ in ahead.pop().next_functions:
            if node is None:
                continue
            yield node
            if node not in seen:
                seen.add(node)
                ahead.append(node)


# Nodes of autograd for operations that leave the values as they are.
SHAPE_CHANGES = {
    "ViewBackward0",
    "UnsafeViewBackward0",
    "ReshapeAliasBackward0",
    "SqueezeBackward1",
    "UnsqueezeBackward0",
    "TransposeBackward0",
    "PermuteBackward0",
    "CloneBackward0",
}


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
