# SPDX-License-Identifier: MIT
"""Properties of training and eval mode: both reach every module, and differ where they may."""

import torch
from torch import Tensor, nn

from ..instruments.calls import draws_random_numbers
from ..instruments.comparing import all_close
from ..instruments.dropout import WithoutDropout
from ..instruments.nested import is_number, mapped
from .kinds import DROPOUTS, is_random_or_statistical
from .premises import modes
from .probing import ModelProbe


class ModeTests(ModelProbe):
    """Tests of what train() and eval() change. Part of AbstractTestModel."""

    def test_eval_mode_reaches_every_module(self):
        """eval() and train() reach every module, and a forward pass leaves the modes alone."""
        for mode in (True, False):
            with self.subTest(training=mode):
                wrong = self.observed(training=mode).wrong_modes
                if wrong and not (mode and self.are_frozen(self.net, wrong)):
                    self.fail(
                        f"{self.net_name()}: {', '.join(wrong[:3])} stay out of "
                        f"{modes(mode)} mode after {'train' if mode else 'eval'}"
                        f"() and a forward pass.\nIs train() overridden, or called in forward()?"
                    )

    def are_frozen(self, net: nn.Module, names: list[str]) -> bool:
        """Whether modules have declared frozen parameters only: those may stay in eval mode."""
        frozen = self.declared_frozen(net)
        parameters = [p for p, _ in net.named_parameters() if p.startswith(tuple(names))]
        return bool(frozen) and set(parameters) <= frozen

    def test_eval_mode_updates_no_buffer(self):
        """A forward pass in eval mode leaves all buffers as they are."""
        for name in self.observed(training=False).changed_buffers:
            self.fail(
                f"{self.net_name()}.{name} is updated by a forward pass in eval mode.\n"
                f"Is batch normalisation forced into training, as by training=True?"
            )

    def test_modes_differ_in_dropout_and_statistics_only(self):
        """With dropout and normalisation held still, training mode computes the same as eval."""
        for name in self.functions(self.copied()):
            with self.subTest(function=name):
                net = self.copied(training=True)
                for module in net.modules():
                    if is_random_or_statistical(module):
                        module.eval()
                part = self.functions(net)[name]
                inputs = self.few_of(part)
                with WithoutDropout():
                    training = part.outputs(inputs)
                    may_draw = self.observed(training=True).draws
                    is_random = may_draw and draws_random_numbers(part.function, inputs)
                if is_random:
                    self.skipTest(f"{name} draws random numbers in training mode.")
                net.eval()
                # In training, heads of the loss may add further outputs.
                evaluated = part.outputs(inputs)
                if not all_close(training[: len(evaluated)], evaluated[: len(training)]):
                    self.fail(
                        f"{self.net_name()}: {name} computes something else in training mode than "
                        f"in eval mode, and it is neither dropout nor normalisation.\nIs there "
                        f"an `if self.training` around an activation?"
                    )

    def test_running_statistics_average_over_batches(self):
        """Running statistics follow the batches, and no single batch overwrites them."""
        net = self.copied(training=True)
        names = [
            name
            for name, _ in net.named_buffers()
            if name.endswith("running_mean") and not self.are_frozen(net, [name.rpartition(".")[0]])
        ]
        if not names:
            self.skipTest(f"{self.net_name()} keeps no running statistics.")
        inputs = self.two_samples()
        other = mapped(shifted, inputs)
        new = self.statistics(net, names)
        for _ in range(3):  # a cumulative average gives the first batch full weight
            self.computed(net, inputs)
        start = self.statistics(net, names)
        self.computed(net, other)
        after_one = self.statistics(net, names)
        for _ in range(3):
            self.computed(net, other)
        after_many = self.statistics(net, names)
        spread = dict(net.named_buffers())
        for name, before, after in zip(names, new, after_many, strict=True):
            # Between two layers of normalisation the mean of two values is 0, as in a new layer.
            variance = spread.get(name.replace("running_mean", "running_var"))
            is_new = variance is None or bool(variance.eq(1).all())
            if torch.equal(before, after) and is_new:
                self.fail(
                    f"{self.net_name()}.{name} stays as it is in training mode.\n"
                    f"Is the momentum zero, or the layer kept in eval mode?"
                )
        share = [moved_part(*values) for values in zip(start, after_one, after_many, strict=True)]
        for name, value in zip(names, share, strict=True):
            # At momentum m the first of four equal batches has the share m / (1 - (1 - m)^4),
            # that is 0.29 at the default of 0.1, and 0.6 at 0.58. Of a cumulative average, 0.4.
            if value > 0.6:
                self.fail(
                    f"{self.net_name()}.{name} moves by {value:.0%} of the way to a new batch at "
                    f"once.\nIs the momentum meant as 1 - momentum? PyTorch's default is 0.1."
                )

    def statistics(self, net: nn.Module, names: list[str]) -> list[Tensor]:
        return [net.get_buffer(name).clone() for name in names]

    def test_dropout_is_moderate(self):
        """No dropout layer drops more than the declared part of its values."""
        for name, module in self.copied().named_modules():
            if isinstance(module, DROPOUTS) and module.p > self.max_dropout:
                self.fail(
                    f"{self.net_name()}.{name} drops {module.p:.0%} of its values; max_dropout is "
                    f"{self.max_dropout:.0%}.\nIs the probability to keep a value meant?"
                )


def shifted(tensor: Tensor) -> Tensor:
    """Values of another mean and spread; of tokens, the first one of a sample everywhere."""
    if is_number(tensor):
        return tensor.roll(1, dims=-1) * 2 + 1 if tensor.dim() else tensor
    return tensor[..., :1].expand_as(tensor) if tensor.dim() > 1 else tensor


def moved_part(start: Tensor, one: Tensor, many: Tensor) -> float:
    """How far one step went of the way that many went; 0 where they went nowhere."""
    distance = (many - start).norm().item()
    return (one - start).norm().item() / distance if distance > 1e-4 else 0.0
