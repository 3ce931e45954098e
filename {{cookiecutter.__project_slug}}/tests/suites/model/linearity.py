# SPDX-License-Identifier: MIT
"""No linear layer follows on another one without an activation between them."""

from collections import Counter
from collections.abc import Iterator

from torch import Tensor, nn

from ..instruments.calls import eager
from ..instruments.seeds import seeded
from .kinds import leaves
from .probing import ModelProbe


class LinearityTests(ModelProbe):
    """Tests of what lies between linear layers. Part of AbstractTestModel."""

    def test_no_linear_layer_makes_up_for_another(self):
        """Between two linear layers stands an activation, unless the first one narrows."""
        net = self.copied()
        for first_name, first, second_name, second in self.linear_pairs(net):
            # A layer that narrows is a factorisation, which has fewer weights than a single one.
            if first.out_features >= min(first.in_features, second.out_features):
                self.fail(
                    f"{self.net_name()}.{second_name} follows on {first_name} directly: two linear "
                    f"layers, for which a single one would do.\nIs the activation between them "
                    f"missing?"
                )

    def linear_pairs(self, net: nn.Module) -> Iterator[tuple[str, nn.Linear, str, nn.Linear]]:
        """Name and module of linear layers of which the second is all the first's output is for.

        Found in the graph that autograd records: between them are changes of shape only.
        """
        calls = []

        def record(module, inputs, output):
            # The nodes, now: an activation in place gives the same tensor another one.
            calls.append((names[module], module, inputs[0].grad_fn, output.grad_fn))

        names = {module: name for name, module in leaves(net) if type(module) is nn.Linear}
        hooks = [module.register_forward_hook(record) for module in names]
        with seeded(0), eager():
            outputs: list[Tensor] = [
                o for o in self.forward(net, self.few_samples()) if o.requires_grad
            ]
        for hook in hooks:
            hook.remove()
        times_called = Counter(name for name, *_ in calls)
        owners = Counter(id(p) for _, module in net.named_modules() for p in own_parameters(module))
        uses = Counter(uses_of_nodes([output.grad_fn for output in outputs]))
        makers = {node: (name, module) for name, module, _, node in calls if node is not None}
        for second_name, second, node, _ in calls:
            while node is not None and node not in makers and node.name() in SHAPE_CHANGES:
                node = node.next_functions[0][0] if uses[node] == 1 else None
            # One that is called again, or whose weights are tied, does something else there.
            is_alone = times_called[second_name] == 1 and owners[id(second.weight)] == 1
            if node in makers and uses[node] == 1 and is_alone:
                yield *makers[node], second_name, second


def own_parameters(module: nn.Module) -> Iterator[nn.Parameter]:
    return module.parameters(recurse=False)


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
