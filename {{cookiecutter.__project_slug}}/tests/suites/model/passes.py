# SPDX-License-Identifier: MIT
"""Single passes through a net, whose outputs or gradients are compared with those of another."""

from typing import Any

from torch import Tensor, nn

from ..instruments.calls import propagate
from ..instruments.nested import cloned
from .probing import ModelProbe


class ModelPasses(ModelProbe):
    """Passes on inputs that a net may change in place."""

    def outputs(self, net: nn.Module, inputs: Any = None, seed: int = 0) -> list[Tensor]:
        """The outputs for inputs, or for the test inputs in a net's precision."""
        inputs = self.inputs_for(net) if inputs is None else inputs
        return self.computed(net, cloned(inputs), seed)

    def gradients(self, net: nn.Module, seed: int = 0) -> dict[str, Tensor]:
        """The gradients of the parameters for a random upstream gradient, by name."""
        net.zero_grad(set_to_none=True)
        propagate(self.learning(net, cloned(self.inputs_for(net)), seed), seed)
        found = {n: p.grad for n, p in net.named_parameters() if p.grad is not None}
        net.zero_grad(set_to_none=True)
        return found
