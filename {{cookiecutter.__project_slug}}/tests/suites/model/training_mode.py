# SPDX-License-Identifier: MIT
"""Properties of a model in training mode: its outputs are whole, and its gradients are right."""

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _NormBase
from torch.nn.modules.dropout import _DropoutNd

from ..instruments.comparing import all_close
from ..instruments.hooks import Call, observing
from ..instruments.nested import cloned
from .numerical import NumericalTests
from .passes import ModelPasses

# What a dropout behind the head follows on. Behind an embedding or a normalisation it may be meant.
HEADS = (
    nn.Linear,
    nn.modules.conv._ConvNd,
    nn.Sigmoid,
    nn.Tanh,
    nn.Softmax,
    nn.Softplus,
)


class TrainingModeTests(NumericalTests, ModelPasses):
    """Tests of training mode. Part of AbstractTestModel."""

    def test_outputs_are_not_dropped(self):
        """In training mode no output is set to zero at random: no dropout follows the head."""
        self.require_running()
        if not self.observed(training=True).draws:
            self.skipTest(f"{self.net_name()} draws no random numbers in training mode.")
        net = self.copied(training=True)
        size = 0
        for seed in range(25):
            outputs, heads = self.outputs_and_heads(net, seed)
            for output in outputs:
                self.check_whole(output, heads)
            size += sum(output.numel() for output in outputs)
            # Of 400 values a dropout of 5 % leaves all with a chance of 1e-9; of 100, 6e-3.
            if size >= 400:
                break

    def outputs_and_heads(self, net: nn.Module, seed: int) -> tuple[list[Tensor], list]:
        """The outputs, and name and output of every layer that can be the last one."""
        calls: list[tuple[str, Tensor]] = []

        def note(call: Call):
            calls.extend((call.name, output.clone()) for output in call.outputs[:1])

        heads = [(name, m) for name, m in net.named_modules() if isinstance(m, HEADS)]
        with observing(heads, note):
            return self.outputs(net, seed=seed), calls

    def check_whole(self, output: Tensor, heads: list[tuple[str, Tensor]]):
        for name, values in heads:
            if values.numel() != output.numel():
                continue
            values = values.reshape(output.shape)
            part = (output == 0).float().mean()
            if looks_dropped(output, values):
                self.fail(
                    f"{self.net_name()}: in training mode {part:.0%} of its outputs are 0, and the "
                    f"others more than {name} returns, all by one factor.\nDoes a dropout follow "
                    f"on the last layer? The loss punishes what it drops. Move it in front."
                )

    def test_gradients_in_training_mode_equal_numerical_ones(self):
        """What a model computes by hand in training mode only has the gradient of what it does."""
        self.require_real_parameters()
        names = [name for name in self.functions(self.net) if self.computes_by_hand(name)]
        if not names:
            self.skipTest(
                f"{self.net_name()} differs between the modes in PyTorch's own dropout and "
                f"normalisation only, if at all."
            )
        for name in names:
            with self.subTest(function=name):
                net = without_torchs_own(self.perturbed().double())
                part = self.functions_in_double_precision(net)[name]
                inputs = cloned(part.inputs)
                self.check_gradients(net, f"{name} in training mode", part.function, inputs)

    def computes_by_hand(self, name: str) -> bool:
        """Whether a function does something else in training mode that PyTorch does not do."""
        net = self.copied()
        part = self.functions(net)[name]
        inputs = self.few_of(part)
        expected = part.outputs(inputs)
        part = self.functions(without_torchs_own(net))[name]
        return not all_close(part.outputs(inputs), expected)


def without_torchs_own(net: nn.Module) -> nn.Module:
    """A net in training mode, but for PyTorch's own dropout and normalisation."""
    for module in net.train().modules():
        if isinstance(module, (_NormBase, _DropoutNd)):
            module.eval()
    return net


def looks_dropped(output: Tensor, values: Tensor) -> bool:
    """Whether outputs are values of which some are 0 and the others enlarged by one factor.

    An activation that returns 0 for some values, as ReLU or a shrinkage, does so for all that are
    smaller, or for one sign: so a value must be dropped that is larger than one that is kept.
    """
    kept, dropped = output != 0, (output == 0) & (values != 0)
    factors = output[kept] / values[kept]
    if not dropped.any() or not kept.any() or not factors.min() > 1 + 1e-4:
        return False
    if not torch.allclose(factors, factors[:1].expand_as(factors), rtol=1e-4):
        return False
    signs = [(s * values[kept], s * values[dropped]) for s in (1, -1)]
    pairs = [(k[k > 0], d[d > 0]) for k, d in signs]
    return any(len(k) and len(d) and bool(d.max() > k.min()) for k, d in pairs)
