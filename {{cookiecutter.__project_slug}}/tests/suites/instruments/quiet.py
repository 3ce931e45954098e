# SPDX-License-Identifier: MIT
"""Random numbers that are none: normal noise of size 0."""

import torch
from torch.utils._python_dispatch import TorchDispatchMode

aten = torch.ops.aten
# The place of the mean among the arguments of a function that draws; None where it is 0.
MEANS = {
    aten.randn: None,
    aten.randn_like: None,
    aten.normal: 0,
    aten.normal_: 1,
    aten.normal_functional: 1,
}


class WithoutNoise(TorchDispatchMode):
    """Within it, what is drawn from a normal distribution is its mean.

    So VAEs decode the mean of their codes, however they draw them: by torch.randn, randn_like,
    torch.normal, Tensor.normal_ or torch.distributions.
    """

    def __torch_dispatch__(self, function, types, arguments=(), named=None):
        result = function(*arguments, **(named or {}))
        if function.overloadpacket not in MEANS:
            return result
        place = MEANS[function.overloadpacket]
        has_mean = place is not None and len(arguments) > place
        return result.copy_(torch.as_tensor(arguments[place] if has_mean else 0.0))
