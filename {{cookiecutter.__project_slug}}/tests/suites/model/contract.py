# SPDX-License-Identifier: MIT
"""The attributes and hooks that a test case of a model sets or overrides."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from ..contract import Required, Suite, matching
from ..instruments.copies import uncompiled
from ..instruments.nested import is_number, tensors_in
from ..instruments.samples import Axis


class ModelContract(Suite):
    """Set `net` and `test_inputs`. The other attributes have defaults; override them in the class.

    Patterns are those of fnmatch: ("encoder.*",) is the whole encoder. One that matches nothing
    fails.
    """

    net: Any = Required("the model under test, an nn.Module")
    # A tensor, a tuple of positional arguments or a dict of keyword arguments; what they hold may
    # be nested, and need not be tensors only.
    test_inputs: Any = Required("a batch of at least two different samples")
    # The axis along which the samples lie, in all inputs and outputs; None where there is no
    # batch. Where they differ: {"inputs": ..., "outputs": ...}, each an axis, None, or a list with
    # one of them for each tensor. An LSTM: {"inputs": 0, "outputs": [0, 1, 1]}.
    batch_axis: Axis | dict[str, Axis | list[Axis]] = 0
    # Shape of the outputs, batch axis included; a list of shapes where there are several outputs.
    output_shape: tuple[int, ...] | list[tuple[int, ...]] | None = None
    # Lowest and highest value of the (first) output, where its last activation has bounds; one of
    # them may be infinite.
    output_range: tuple[float, float] | None = None
    # Patterns of the names of parameters that are not trained.
    frozen_parameters: tuple[str, ...] = ()
    # Patterns of the names of modules or parameters that forward() has no use for, as a head that
    # belongs to the loss.
    unused_modules: tuple[str, ...] = ()
    # Patterns of the names of modules that are meant to stand in several places.
    shared_modules: tuple[str, ...] = ()
    # Groups of patterns of names of parameters, each of which is one and the same parameter.
    tied_parameters: tuple[tuple[str, ...], ...] = ()
    # Whether the weights come from a checkpoint: what a fresh initialisation promises is skipped.
    pretrained: bool = False
    # Whether parts compute in float32 whatever the precision of the model, on purpose.
    float32_inside: bool = False
    # Highest probability with which a dropout layer may drop a value.
    max_dropout: float = 0.5

    def call(self, net: nn.Module, inputs):
        """What a net returns for inputs such as test_inputs. Override it for other arguments.

        Everything that runs a net calls this, also in training mode (`net.training`), also with
        fewer samples, and with values, precisions and devices that differ from test_inputs.
        """
        if isinstance(inputs, Mapping):
            return net(**inputs)
        return net(*inputs) if type(inputs) is tuple else net(inputs)

    def outputs_of(self, result) -> list[Tensor]:
        """The outputs in what `call` returns: all floating tensors, but for scalars (losses)."""
        return [tensor for tensor in tensors_in(result) if is_number(tensor) and tensor.dim()]

    def losses_of(self, result) -> list[Tensor]:
        """The floating scalars in what `call` returns; training may use them."""
        return [tensor for tensor in tensors_in(result) if is_number(tensor) and not tensor.dim()]

    def net_name(self) -> str:
        return type(uncompiled(self.net)).__name__

    def declared_frozen(self, net: nn.Module) -> set[str]:
        """Names of all parameters that match a pattern of `frozen_parameters`."""
        names = [name for name, _ in net.named_parameters()]
        return matching(self, "frozen_parameters", names, "parameter")

    def declared_modules(self, attribute: str, net: nn.Module) -> set[str]:
        """Names of all modules that match a pattern of `unused_modules` or `shared_modules`.

        A module is meant together with all that it holds.
        """
        names = [name for name, _ in net.named_modules(remove_duplicate=False) if name]
        names += [name for name, _ in net.named_parameters()]
        found = matching(self, attribute, names, "module")
        return {n for n in names if n in found or n.startswith(tuple(f"{f}." for f in found))}

    def require_fresh_initialisation(self):
        if self.pretrained:
            self.skipTest(
                f"{type(self).__name__}.pretrained is set: weights from a checkpoint are not bound "
                f"to what a fresh initialisation promises."
            )
