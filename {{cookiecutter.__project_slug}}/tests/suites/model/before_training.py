"""Properties of a model that was never trained: it works, and computes what its weights say."""

from typing import Any

from torch import Tensor, nn

from ..instruments.comparing import same
from ..instruments.nested import is_number, mapped, tensors_in
from ..instruments.values import other_values, relative_difference
from .passes import ModelPasses


class BeforeTrainingTests(ModelPasses):
    """Tests of a model before its first step. Part of AbstractTestModel."""

    def test_forward_makes_no_parameters(self):
        """A forward pass adds no parameter or buffer to a model."""
        net = self.copied()
        before = set(net.state_dict())
        for mode in (True, False):
            self.outputs(net.train(mode))
            added = sorted(set(net.state_dict()) - before)
            if added:
                self.fail(
                    f"{self.net_name()}.{added[0]} is made by a forward pass.\nAn optimizer and a "
                    f"state_dict that come before it lack it. Make it in __init__, or use a lazy "
                    f"layer such as nn.LazyLinear and call the net once where it is built."
                )

    def test_evaluates_before_it_was_trained(self):
        """In eval mode a new model computes what it does after a forward pass in training mode.

        Parameters and all that depends on data, such as running statistics, are put back after
        that pass. Left is what is made of the weights alone, as by spectral normalisation.
        """
        after = self.net_after_one_pass()
        expected = self.outputs(after)
        found = self.outputs(self.copied())
        for new, old in zip(found, expected, strict=True):
            # Estimates that get better with every pass, as the 15 iterations that
            # parametrizations.spectral_norm begins with, differ by a few per cent.
            if not relative_difference(new, old) <= 0.5:
                self.fail(
                    f"{self.net_name()} returns up to {new.abs().max():.3g} in eval mode when new, "
                    f"but {old.abs().max():.3g} after one forward pass in training mode, with the "
                    f"same weights.\nIs {self.changed_state(after)} made at the first pass, as by "
                    f"torch.nn.utils.spectral_norm? That of torch.nn.utils.parametrizations is not."
                )

    def net_after_one_pass(self) -> nn.Module:
        """A copy, in eval mode, that is new but for what training makes of the weights alone."""
        first, second = self.copied(training=True), self.copied(training=True)
        # Two passes on other data under other seeds leave the same only where neither counts.
        self.outputs(first, seed=0)
        self.outputs(second, self.other_inputs(), seed=1)
        new, other = self.net.state_dict(), second.state_dict()
        buffers = dict(first.named_buffers())
        state = {
            name: new[name]
            for name, value in first.state_dict().items()
            if name in new and not (name in buffers and of_weights_alone(value, other[name]))
        }
        first.load_state_dict(state, strict=False)
        return first.eval()

    def other_inputs(self) -> Any:
        """Other numbers; other tokens where there are tokens only."""
        has_numbers = any(map(is_number, tensors_in(self.test_inputs)))
        return mapped(
            lambda t: t if has_numbers and not is_number(t) else other_values(t),
            self.inputs_for(self.net),
        )

    def changed_state(self, after: nn.Module) -> str:
        """Names of buffers of which a pass in training mode made something else, if any."""
        before = self.net.state_dict()
        names = [
            name
            for name, buffer in after.named_buffers()
            if name in before and not same(before[name], buffer) and buffer.numel() > 1
        ]
        return ", ".join(names[:2]) or "an attribute"


def of_weights_alone(value: Tensor, other: Tensor) -> bool:
    """Whether two passes on other data left the same values; a flag or a count says nothing."""
    return value.is_floating_point() and value.numel() > 1 and same(value, other)
