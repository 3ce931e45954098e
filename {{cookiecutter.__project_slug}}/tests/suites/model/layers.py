# SPDX-License-Identifier: MIT
"""Properties of the layers of a model: used, and not shared by accident."""

from torch import nn

from ..instruments.copies import uncompiled
from ..instruments.hooks import observing
from .kinds import ACTIVATIONS, PASSIVE, leaves
from .probing import ModelProbe

# Batches that are tried where a layer was not called, because no sample was sent to it.
OTHER_INPUTS = 10


class LayerTests(ModelProbe):
    """Tests of how a model is put together. Part of AbstractTestModel."""

    def test_every_module_is_used(self):
        """Every layer takes part in a forward pass."""
        net = self.copied(training=True)
        frozen = self.declared_frozen(net)
        # In training, a branch may be left out at random.
        called = self.observed(training=True).called | self.observed(training=False).called
        if any(name not in called for name, _ in leaves(net)):
            called |= self.called_for_other_inputs(net)
        unused = self.declared_modules("unused_modules", net)
        for name, module in leaves(net):
            parameters = dict(module.named_parameters(name))
            # Attention uses the weights of its output layer without calling it.
            has_gradient = any(p.grad is not None for p in parameters.values())
            is_frozen = bool(parameters) and set(parameters) <= frozen
            is_excused = name in unused or has_gradient or is_frozen
            is_missed = misses_its_part(name, module, called) and not self.is_optional(name, called)
            is_judged = bool(parameters) or is_missed
            if name not in called and is_judged and not is_excused:
                self.fail(
                    f"{self.net_name()}.{name} ({type(module).__name__}) is never called.\n"
                    f"Is it built in __init__ and forgotten in forward()? If it is for the loss "
                    f"alone, add it to unused_modules."
                )

    def is_optional(self, name: str, called: set[str]) -> bool:
        """Whether a part of the same type calls what has the same name, as deeper ones do."""
        part, _, own_name = name.rpartition(".")
        net = uncompiled(self.net)
        kind = type(net.get_submodule(part))
        others = [other for other, module in net.named_modules() if type(module) is kind and other]
        return any(f"{other}.{own_name}" in called for other in others)

    def called_for_other_inputs(self, net: nn.Module) -> set[str]:
        """Names of the modules that run for some inputs, as an expert, after a backward pass."""
        called: set[str] = set()
        with observing(leaves(net), lambda call: called.add(call.name)):
            self.propagate(net, self.learning(net, self.training_samples()))
            names = {name for name, module in leaves(net) if has_no_gradient(module)}
            for seed in range(OTHER_INPUTS):
                if names <= called:
                    break
                self.computed(net, self.redrawn(seed))
        return called

    def test_no_module_is_shared_by_accident(self):
        """No layer stands in two places, unless it is declared."""
        net = self.copied()
        declared = self.declared_modules("shared_modules", net)
        names: dict[nn.Module, str] = {}
        for name, module in net.named_modules(remove_duplicate=False):
            has_weights = any(True for _ in module.parameters(recurse=False))
            if not has_weights or name in declared:
                continue
            first = names.setdefault(module, name)
            if first != name:
                self.fail(
                    f"{self.net_name()}.{first} and {name} are the same layer.\nWas it copied by "
                    f"reference, as by [layer] * 2? If it is meant, add {name!r} to shared_modules."
                )


def has_no_gradient(module: nn.Module) -> bool:
    """Whether a module has weights, and none of them has a gradient."""
    parameters = list(module.parameters())
    return bool(parameters) and all(parameter.grad is None for parameter in parameters)


def misses_its_part(name: str, module: nn.Module, called: set[str]) -> bool:
    """Whether a module without weights that is never called is missed.

    An activation is, and whatever stands in a part of which nothing ran. Others may be read without
    a call, as the probability of a dropout, or stand for nothing, as an Identity.
    """
    if isinstance(module, PASSIVE):
        return False
    part = name.rpartition(".")[0]
    nothing_ran = bool(part) and not any(f"{other}.".startswith(f"{part}.") for other in called)
    return isinstance(module, ACTIVATIONS) or nothing_ran
