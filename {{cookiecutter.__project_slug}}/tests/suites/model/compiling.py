"""Properties of a compiled model: it computes what the model does. Checked where declared."""

from typing import Any

import torch
from torch import Tensor, nn

from ..instruments.calls import random_upstream
from ..instruments.nested import cloned
from ..instruments.seeds import seeded
from ..instruments.values import relative_difference
from .passes import ModelPasses
from .probing import said_by


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
        self.compare_compiled({f"output {i}": output for i, output in enumerate(outputs[0])}, found)
        self.compare_compiled(
            {f"gradient of {n}": g for n, g in eager_gradients.items()}, gradients
        )

    def require_compiler(self):
        try:
            torch.compile(torch.sin, **self.compile_options)(torch.ones(2))
        except Exception as error:
            self.skipTest(f"torch.compile does not work on this machine: {said_by(error)[:160]}")

    def compiled_pass(self, net: nn.Module) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """Outputs and gradients of a net once it is compiled, named as they are compared."""
        compiled = torch.compile(net, **self.compile_options)
        with seeded(0):
            outputs = self.forward(compiled, cloned(self.inputs_for(net)))
        learning = self.differentiable(outputs)
        with seeded(0):
            torch.autograd.backward(learning, random_upstream(learning))
        gradients = {f"gradient of {n}": p.grad for n, p in net.named_parameters()}
        return {f"output {i}": o.detach() for i, o in enumerate(outputs)}, gradients

    def compare_compiled(self, expected: dict[str, Tensor], found: dict[str, Tensor | None]):
        for name, values in expected.items():
            compiled = found.get(name)
            difference = 1 if compiled is None else relative_difference(compiled, values)
            # The compiler adds up in another order: rounding of float32, through all layers.
            if not difference <= 1e-3:
                self.fail(
                    f"{self.net_name()}: compiled, its {name} differs by {difference:.2g} times "
                    f"its size.\nDoes the model ask whether it is compiled, change a tensor where "
                    f"the compiler is not told, or count calls in Python?"
                )
