# SPDX-License-Identifier: MIT
"""Weights that make a module's output easy to work out by hand."""

import torch
from torch import nn


def set_constant_weights(net: nn.Module, value: float = 1.0, bias: float = 0.0) -> nn.Module:
    """Sets all weights of a net to one value and all its biases to another; returns the net.

    A linear layer then returns the sum of its inputs times the value, a convolution the sum over
    its window, so that the output of a small module can be worked out by hand:

        layer = set_constant_weights(nn.Linear(3, 2), value=0.5, bias=1.0)
        assert_close(layer(torch.tensor([[1.0, 2.0, 3.0]])), torch.tensor([[4.0, 4.0]]))

    Biases are the parameters whose last name starts with "bias". Buffers stay as they are.
    """
    with torch.no_grad():
        for name, parameter in net.named_parameters():
            parameter.fill_(bias if name.rpartition(".")[2].startswith("bias") else value)
    return net
