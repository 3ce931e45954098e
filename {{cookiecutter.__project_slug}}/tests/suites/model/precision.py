# SPDX-License-Identifier: MIT
"""A model computes in the precision that it is converted to."""

import torch

from ..instruments.nested import cast
from .premises import MODEL_ERRORS, first_line, lacks_kernel
from .probing import ModelProbe


class PrecisionTests(ModelProbe):
    """Tests of the precision of a model. Part of AbstractTestModel."""

    def test_computes_in_double_precision(self):
        """Converted to float64, the model computes in float64 from end to end."""
        if self.float32_inside:
            self.skipTest(f"{type(self).__name__}.float32_inside is declared.")
        self.require_real_parameters()
        net = self.copied()
        try:
            net = net.double()
            outputs = self.computed(net, cast(self.few_samples(), torch.float64))
        except MODEL_ERRORS as error:
            if lacks_kernel(error):
                self.skipTest(f"{self.net_name()} has no float64 kernel: {first_line(error)}")
            self.fail(
                f"{self.net_name()} does not run in float64: {first_line(error)}\n"
                f"Is a tensor made with a fixed dtype, or .float() called inside? Where it is "
                f"meant, declare float32_inside = True."
            )
        found = {output.dtype for output in outputs if output.is_floating_point()}
        if not found:
            self.skipTest(f"{self.net_name()} has no real outputs.")
        if found != {torch.float64}:
            self.fail(
                f"{self.net_name()} returns {sorted(map(str, found))} after .double().\n"
                f"Is .float() called inside, or a tensor made with a fixed dtype? Where it is "
                f"meant, declare float32_inside = True."
            )
