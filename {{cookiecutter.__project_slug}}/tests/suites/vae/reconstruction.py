# SPDX-License-Identifier: MIT
"""What the tests of the outputs of any model look at in a VAE: reconstructions."""

from functools import partial

from torch import Tensor, nn

from ..instruments.calls import computed
from ..instruments.nested import is_number, tensors_in
from ..model.outputs import OutputTests
from .layout import arguments_of, with_first
from .probing import VAEProbe


class ReconstructionTests(VAEProbe, OutputTests):
    """Tests of the outputs of a VAE. Part of AbstractTestVAE."""

    def expected_output_shapes(self) -> list[tuple[int, ...]]:
        """Unless declared, one of the outputs, whichever it is, has the shape of the inputs."""
        sample = arguments_of(self.test_inputs)[0]
        shapes = [tuple(tensor.shape) for tensor in tensors_in(sample) if is_number(tensor)]
        if self.output_shape is not None or not shapes:
            return super().expected_output_shapes()
        found = [tuple(output.shape) for output in self.computed(self.copied())]
        return found[: found.index(shapes[0]) + 1] if shapes[0] in found else shapes[:1]

    def output_for_range(self, net: nn.Module) -> Tensor:
        """Of codes that are ten times as wide as those of the prior."""
        inputs = self.functions(net)["decode"].inputs
        wide = with_first(inputs, 10 * arguments_of(inputs)[0])
        return computed(partial(self.decoded, net), wide)[0]
