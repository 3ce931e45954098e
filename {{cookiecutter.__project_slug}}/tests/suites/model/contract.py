"""The attributes that a test case of a model sets or overrides, and what is derived from them."""

import fnmatch
from unittest import mock

import torch
from torch import Tensor, nn

from ..contract import Required, newly_set_up
from ..instruments.calls import call
from ..instruments.copies import perturbed, uncompiled


class ModelContract:
    """Set `net` and `test_inputs`. The other attributes have defaults; override them in the class.

    The first axis of the inputs and of every output is the batch.
    """

    net: nn.Module = Required("the model under test, an nn.Module")
    test_inputs: Tensor = Required("a batch of at least two different samples")
    # Shape of the outputs, batch axis included; a list of shapes where there are several outputs.
    output_shape: tuple[int, ...] | list[tuple[int, ...]] | None = None
    # Lowest and highest value of the (first) output, where its last activation has bounds; one of
    # them may be infinite.
    output_range: tuple[float, float] | None = None
    # Names of parameters that are not trained, as patterns: ("encoder.*",) is the whole encoder.
    frozen_parameters: tuple[str, ...] = ()
    # Names of modules that are meant to stand in several places, as patterns.
    shared_modules: tuple[str, ...] = ()
    # Highest probability with which a dropout layer may drop a value.
    max_dropout: float = 0.5

    def functions(self, net: nn.Module) -> dict:
        """Name, function and inputs of all that maps a batch to a batch without random numbers."""
        return {"forward": (net, self.inputs_for(net))}

    def inputs_for(self, net: nn.Module) -> Tensor:
        """The test inputs, in the precision of a net."""
        types = [p.dtype for p in net.parameters() if p.is_floating_point()]
        if types and self.test_inputs.is_floating_point():
            return self.test_inputs.to(types[0])
        return self.test_inputs

    def net_in_double_precision(self) -> nn.Module:
        """A copy with a little noise on its weights, in eval mode; skips where float64 fails."""
        net = self.most_precise_net()
        self.require_real_parameters()
        outputs = [call(*function) for function in self.functions(net).values()]
        if any(tensor.dtype != torch.float64 for output in outputs for tensor in output):
            self.skipTest(f"{self.net_name()} does not compute in float64.")
        return net

    def most_precise_net(self) -> nn.Module:
        """The same, in float64 if the model runs in it, else in the precision it has."""
        net = perturbed(self.net).eval().double()
        try:
            for function in self.functions(net).values():
                call(*function)
        except RuntimeError:
            return perturbed(self.net).eval()
        return net

    def net_name(self) -> str:
        return type(uncompiled(self.net)).__name__

    def require_two_samples(self):
        inputs = self.test_inputs
        if len(inputs) < 2 or torch.equal(inputs, inputs.roll(1, dims=0)):
            self.fail(
                f"{type(self).__name__}.test_inputs has {len(inputs)} samples, and none differs "
                f"from the others.\nThis test needs a batch of at least two different samples."
            )

    def require_floating_inputs(self):
        if not self.test_inputs.is_floating_point():
            self.skipTest(f"Inputs of type {self.test_inputs.dtype} have no gradient.")

    def require_real_parameters(self):
        if any(parameter.is_complex() for parameter in self.net.parameters()):
            self.skipTest(f"double() leaves the complex parameters of {self.net_name()} alone.")

    def differentiable(self, outputs: list[Tensor]) -> list[Tensor]:
        """The outputs that have a gradient; fails where none has."""
        outputs = [output for output in outputs if output.requires_grad]
        if not outputs:
            self.fail(
                f"No output of {self.net_name()} has a gradient.\n"
                f"Does forward() detach it, use .data or run under torch.no_grad()?"
            )
        return outputs

    def declared_frozen(self, net: nn.Module) -> set[str]:
        """Names of all parameters that match a pattern of `frozen_parameters`."""
        names = [name for name, _ in net.named_parameters()]
        matches = {pattern: fnmatch.filter(names, pattern) for pattern in self.frozen_parameters}
        for pattern, found in matches.items():
            if not found:
                self.fail(
                    f"frozen_parameters has {pattern!r}, but {self.net_name()} has no such "
                    f"parameter.\nThe first names are {names[:4]}."
                )
        return {name for found in matches.values() for name in found}

    def newly_built_net(self) -> nn.Module:
        """The net of a second instance of this test case, built by its setUp.

        Skips where both share one net, because it was built in setUpClass or in the class body.
        """
        # A setUp that seeds would draw the same random tensors again, also those not saved.
        with mock.patch.object(torch, "manual_seed"):
            other = newly_set_up(self)
        if other.net is self.net:
            self.skipTest(f"{type(self).__name__}.setUp does not build a new net.")
        return uncompiled(other.net)
