# SPDX-License-Identifier: MIT
"""Properties of a new model's signal: what goes in still counts when it comes out."""

import torch
from torch import Tensor, nn

from ..instruments.copies import scale_of
from ..instruments.seeds import seeded
from .passes import ModelPasses


class InitialSignalTests(ModelPasses):
    """Tests of the signal in a new model. Part of AbstractTestModel."""

    def test_new_model_passes_its_inputs_on(self):
        """The outputs of a new model depend on its inputs by more than rounding.

        Layers that start at exactly zero, as the last one of a residual branch or of the whole
        model often does, are given usual weights first, and gains close to zero (LayerScale) a
        usual size.
        """
        self.require_fresh_initialisation()
        self.require_two_samples()
        net = self.with_usual_gains(self.normalising(self.copied()))
        order = torch.arange(self.batch_size()).roll(1)
        for name, part in self.functions(net).items():
            with self.subTest(function=name):
                outputs, others = part.outputs(), part.outputs(part.taken(order))
                if outputs and not any(map(differ, outputs, others)):
                    self.fail(
                        f"{self.net_name()}: in a new model the outputs of {name} are the same for "
                        f"all samples, up to rounding.\n{smallest_weights(self.net)} Is the "
                        f"standard deviation of initial weights far too small?"
                    )

    def with_usual_gains(self, net: nn.Module) -> nn.Module:
        """A net without layers of zeros, and without gains of next to nothing."""
        with seeded(0), torch.no_grad():
            for name, parameter in net.named_parameters():
                if "bias" not in name and parameter.is_floating_point() and is_off(parameter):
                    usual = torch.randn_like(parameter) if parameter.dim() > 1 else 1
                    parameter.add_(usual * scale_of(parameter))
        return net


def is_off(parameter: Tensor) -> bool:
    """Whether a layer starts at zero, or a gain at no more than a hundredth.

    A gain multiplies whole channels: the first steps enlarge it, as those behind a branch that
    starts at zero. Of a matrix, tiny weights are what the check looks for.
    """
    return not parameter.any() or (parameter.dim() < 2 and bool(parameter.abs().max() <= 1e-2))


def differ(first: Tensor, second: Tensor) -> bool:
    """Whether two outputs differ by more than a few units in the last place.

    Relative to 1 as well: a loss adds them to numbers of that size, or takes their exponential.
    """
    size = first.abs().max().clamp_min(1)
    return bool((first - second).abs().max() > 16 * torch.finfo(first.dtype).eps * size)


def smallest_weights(net: nn.Module) -> str:
    """The weight with the smallest values for its number of inputs, as a sentence."""
    sizes = {
        name: p.detach().abs().square().mean().sqrt().item() * p[0].numel() ** 0.5
        for name, p in net.named_parameters()
        if p.dim() > 1 and p.any()
    }
    if not sizes:
        return "It has no weight matrix."
    name = min(sizes, key=lambda key: sizes[key])
    size = dict(net.named_parameters())[name].detach().abs().square().mean().sqrt()
    return f"The values of {name} are around {size:.2g}."
