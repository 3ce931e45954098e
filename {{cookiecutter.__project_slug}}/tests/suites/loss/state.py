# SPDX-License-Identifier: MIT
"""Properties of a loss as a function: of its arguments alone, which it leaves as they are."""

import torch
from torch import Tensor, nn

from ..instruments.calls import tensors_in
from ..instruments.nested import mapped
from ..instruments.seeds import seeded
from .contract import LossContract, unbound


class StateTests(LossContract):
    """Tests of side effects. Part of AbstractTestLoss."""

    def test_arguments_are_not_modified(self):
        """Outputs and targets are the same after the loss was computed."""
        self.require_declarations()
        outputs, targets = mapped(torch.clone, self.outputs), mapped(torch.clone, self.targets)
        with seeded(0):
            self.call(self.newest_loss(), outputs, targets)
        for name, found, before in (
            ("outputs", outputs, self.outputs),
            ("targets", targets, self.targets),
        ):
            for tensor, original in zip(tensors_in(found), tensors_in(before), strict=True):
                if tensor.shape != original.shape or not same(tensor, original):
                    self.fail(
                        f"The loss modifies its {name}.\nIs there an in-place operation, such as "
                        f"`x -= ...`, `clamp_` or `x[mask] = ...`? Clone what is changed."
                    )

    def test_loss_is_deterministic(self):
        """The same outputs and targets have the same loss, whatever the random state."""
        if self.draws_random_numbers:
            self.skipTest("The loss is declared to draw random numbers.")
        self.require_declarations()
        found = []
        for seed in (0, 1):
            with seeded(seed):
                outputs, targets = mapped(torch.clone, (self.outputs, self.targets))
                found.append(self.call(self.newest_loss(), outputs, targets))
        if not same(*found):
            self.fail(
                f"Under two seeds, the loss is {found[0].sum():.6g} and {found[1].sum():.6g}.\nIs "
                f"a network inside in training mode, with dropout? Call eval() on it, or declare "
                f"draws_random_numbers = True."
            )

    def test_loss_remembers_nothing(self):
        """The loss of a batch does not depend on the batches before it."""
        if self.keeps_state:
            self.skipTest("The loss is declared to remember earlier batches.")
        self.require_declarations()
        loss = self.newest_loss()
        first = self.result(self.outputs, self.targets, loss)
        indices = [0, *range(self.size - 1)]
        outputs, targets = self.chosen(indices, self.outputs, self.targets)
        self.result(outputs, targets, loss)
        again = self.result(self.outputs, self.targets, loss)
        if not same(first, again):
            self.fail(
                f"The loss is {first.sum():.6g}, and {again.sum():.6g} after another batch.\nDoes "
                f"it add up, keep a running mean, or hold a network in training mode with batch "
                f"norm? Where it is meant, declare keeps_state = True."
            )

    def test_moves_to_another_device(self):
        """A loss that is moved computes on the new device alone, with tensors registered on it."""
        loss = unbound(self.loss, self)
        if not isinstance(loss, nn.Module):
            self.skipTest("A function has nothing to be moved.")
        self.require_declarations()
        moved = self.newest_loss().to("meta")
        outputs, targets = (
            mapped(lambda x: x.to("meta"), value) for value in (self.outputs, self.targets)
        )
        try:
            with seeded(0):
                self.call(moved, outputs, targets)
        except Exception as error:
            text = str(error)
            if "device" not in text or "meta" not in text or isinstance(error, NotImplementedError):
                self.skipTest("The loss reads values, which a device without memory has not.")
            self.fail(
                f"{self.name_of_loss()} has a tensor that stays behind when it is moved:\n"
                f"{text.splitlines()[0][:160]}\nRegister it as a buffer, or make it of the outputs."
            )


def same(first: Tensor, second: Tensor) -> bool:
    return torch.allclose(first, second, rtol=1e-6, atol=0, equal_nan=True)
