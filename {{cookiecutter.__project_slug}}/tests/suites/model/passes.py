"""Single passes through a net, as the checks of this folder compare them."""

import torch
from torch import Tensor, nn

from ..instruments.calls import call, eager, tensors_in
from ..instruments.nested import mapped
from ..instruments.seeds import seeded


def outputs_of(net: nn.Module, inputs, seed: int = 0) -> list[Tensor]:
    """All floating tensors with axes that a net returns under a seed, without gradients."""
    outputs = call(net, copied(inputs), seed)
    return [output for output in outputs if output.is_floating_point() and output.dim()]


def copied(inputs):
    """Inputs that a net may change in place."""
    return mapped(inputs, torch.Tensor.clone)


def gradients_of(net: nn.Module, inputs, seed: int = 0) -> tuple[list[Tensor], dict[str, Tensor]]:
    """Outputs of a net, and the gradients of its parameters, for a random upstream gradient."""
    with seeded(seed), eager():
        outputs = [o for o in tensors_in(net(copied(inputs))) if o.is_floating_point()]
        learning = [output for output in outputs if output.requires_grad]
        if learning:
            torch.autograd.backward(learning, [torch.randn_like(output) for output in learning])
    gradients = {n: p.grad for n, p in net.named_parameters() if p.grad is not None}
    net.zero_grad(set_to_none=True)
    return [output.detach() for output in outputs], gradients


def relative_difference(found: Tensor, expected: Tensor) -> float:
    """Largest difference, relative to the size of what is expected; infinite for other shapes."""
    if found.shape != expected.shape:
        return float("inf")
    if not expected.numel() or torch.equal(found, expected):
        return 0.0
    size = expected.abs().max().clamp_min(torch.finfo(expected.dtype).tiny)
    difference = ((found - expected).abs().max() / size).item()
    return difference if difference == difference else float("inf")


def rounding_of(tensor: Tensor) -> float:
    """What rounding may add up to: 1.5e-8 in float64, 3.5e-4 in float32."""
    return torch.finfo(tensor.dtype).eps ** 0.5
