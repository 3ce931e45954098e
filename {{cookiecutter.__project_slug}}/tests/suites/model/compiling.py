# SPDX-License-Identifier: MIT
"""Properties of a compiled model: it computes what the model does. Checked where declared."""

import math
from typing import Any

import torch
from torch import Tensor, nn

from ..instruments.calls import random_upstream
from ..instruments.nested import cloned
from ..instruments.seeds import seeded
from ..instruments.values import largest_difference, relative_difference
from .passes import ModelPasses
from .premises import said_by


class CompilingTests(ModelPasses):
    """Tests of torch.compile. Part of AbstractTestModel; they skip without `check_compiled`."""

    # Whether the model is meant to be compiled. It takes seconds, hence it is off by default.
    check_compiled: bool = False
    # Arguments of torch.compile, such as {"backend": "aot_eager"}.
    compile_options: dict[str, Any] = {}

    def test_compiled_and_eager_agree(self):
        """Compiled, the model has the same outputs and gradients in eval mode."""
        if not self.check_compiled:
            self.skipTest(f"{type(self).__name__}.check_compiled is False.")
        net = self.perturbed()
        outputs = [self.outputs(net, seed=seed) for seed in (0, 1)]
        if any(relative_difference(*pair) > 0 for pair in zip(*outputs, strict=True)):
            self.skipTest(f"{self.net_name()} draws random numbers in eval mode.")
        eager_gradients = self.gradients(net)
        self.require_compiler()
        found, gradients = self.compiled_pass(net)
        # The compiler adds up in another order: rounding of float32, through all layers.
        for number, (new, old) in enumerate(zip(found, outputs[0], strict=True)):
            self.check_compiled_value(f"output {number}", relative_difference(new, old))
        name, difference = largest_difference(gradients, eager_gradients)
        self.check_compiled_value(f"gradient of {name}", difference)

    def check_compiled_value(self, name: str, difference: float):
        if not difference <= 1e-3:
            found = "missing" if math.isinf(difference) else f"off by {difference:.2g} of its size"
            self.fail(
                f"{self.net_name()}: compiled, its {name} is {found}.\nDoes the model ask "
                f"whether it is compiled, change a tensor where the compiler is not told, or count "
                f"calls in Python?"
            )

    def require_compiler(self):
        try:
            torch.compile(torch.sin, **self.compile_options)(torch.ones(2))
        except Exception as error:
            self.skipTest(f"torch.compile does not work on this machine: {said_by(error)[:160]}")

    def compiled_pass(self, net: nn.Module) -> tuple[list[Tensor], dict[str, Tensor]]:
        """Outputs and gradients of a net once it is compiled."""
        compiled: Any = torch.compile(net, **self.compile_options)
        with seeded(0):
            outputs = self.forward(compiled, cloned(self.inputs_for(net)))
        learning = self.differentiable(outputs)
        with seeded(0):
            torch.autograd.backward(learning, random_upstream(learning))
        gradients = {n: p.grad for n, p in net.named_parameters() if p.grad is not None}
        return [output.detach() for output in outputs], gradients
