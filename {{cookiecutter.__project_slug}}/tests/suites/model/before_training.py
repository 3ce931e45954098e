# SPDX-License-Identifier: MIT
"""Properties of a model that was never trained: it works, and computes what its weights say."""

from typing import Any

from torch import Tensor, nn
from torch.nn.modules.batchnorm import _NormBase

from ..instruments.comparing import same
from ..instruments.nested import is_number, mapped, tensors_in
from ..instruments.values import other_values, relative_difference
from .passes import ModelPasses


class BeforeTrainingTests(ModelPasses):
    """Tests of a model before its first step. Part of AbstractTestModel."""

    def test_forward_makes_no_buffers(self):
        """A forward pass adds nothing to what is saved: a new model loads what an old one saved."""
        net = self.copied(training=True)
        before = set(net.state_dict())
        self.outputs(net)
        added = sorted(set(net.state_dict()) - before)
        if added:
            self.fail(
                f"{self.net_name()}.{added[0]} is made by a forward pass: a new model refuses to "
                f"load what was saved after one.\nRegister it in __init__, or with "
                f"persistent=False if it can be made anew."
            )

    def test_evaluates_before_it_was_trained(self):
        """In eval mode a new model computes what it does after a forward pass in training mode.

        Parameters and all that depends on data, such as running statistics, are put back after
        that pass. Left is what is made of the weights alone, as by spectral normalisation.
        """
        after = self.net_after_one_pass()
        inputs = self.few_of_inputs(self.inputs_for(after))
        expected = self.outputs(after, inputs)
        found = self.outputs(self.copied(), inputs)
        for new, old in zip(found, expected, strict=True):
            # Estimates that get better with every pass, as the 15 iterations that
            # parametrizations.spectral_norm begins with, differ by a few per cent.
            if not relative_difference(new, old) <= 0.5:
                self.fail(
                    f"{self.net_name()} returns up to {new.abs().max():.3g} in eval mode when new, "
                    f"but {old.abs().max():.3g} after one forward pass in training mode, with the "
                    f"same weights.\n{self.where_made(after)}"
                )

    def net_after_one_pass(self) -> nn.Module:
        """A copy, in eval mode, that is new but for what training makes of the weights alone."""
        net = self.copied(training=True)
        new = {name: tensor.clone() for name, tensor in saved_tensors(net).items()}
        self.outputs(net)
        made = self.made_of_weights(net, new)
        for name, tensor in saved_tensors(net).items():
            if name in new and name not in made:
                tensor.copy_(new[name])
        return net.eval()

    def made_of_weights(self, net: nn.Module, new: dict[str, Tensor]) -> list[str]:
        """Names of buffers that a pass changed, and that a pass on other data changes alike.

        A flag or a count, which has one element, says nothing.
        """
        by_data = (m for m in net.modules() if isinstance(m, _NormBase))
        statistics = {id(buffer) for module in by_data for buffer in module.buffers()}
        changed = {
            name: buffer
            for name, buffer in net.named_buffers()
            if name in new and buffer.is_floating_point() and buffer.numel() > 1
            if id(buffer) not in statistics and not same(buffer, new[name])
        }
        if not changed:
            return []
        other = self.copied(training=True)
        self.outputs(other, self.other_inputs(), seed=1)
        again = dict(other.named_buffers())
        return [name for name, buffer in changed.items() if same(buffer, again[name])]

    def other_inputs(self) -> Any:
        """Other numbers; other tokens where there are tokens only."""
        has_numbers = any(map(is_number, tensors_in(self.test_inputs)))
        return mapped(
            lambda t: t if has_numbers and not is_number(t) else other_values(t),
            self.inputs_for(self.net),
        )

    def where_made(self, after: nn.Module) -> str:
        """What a pass in training mode made, as a question."""
        before = self.net.state_dict()
        names = [
            name
            for name, buffer in after.named_buffers()
            if name in before and not same(before[name], buffer)
        ]
        if names:
            return (
                f"Are {', '.join(names[:2])} made at the first pass, as by "
                f"torch.nn.utils.spectral_norm? That of parametrizations makes them at once."
            )
        return "Is a value made at the first pass and kept in an attribute? Make it in __init__."


def saved_tensors(net: nn.Module) -> dict[str, Tensor]:
    """The parameters and buffers of a net that are saved, without what else may be."""
    return {n: t for n, t in net.state_dict().items() if isinstance(t, Tensor)}
