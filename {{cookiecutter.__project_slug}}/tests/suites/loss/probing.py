# SPDX-License-Identifier: MIT
"""What the checks of a loss share: samples by themselves, in other orders, and gradients."""

from functools import cached_property

import torch
from torch import Tensor

from ..instruments.nested import mapped, tensors_in
from .contract import LossContract
from .readings import kind_of


class LossProbe(LossContract):
    """What all parts of AbstractTestLoss share."""

    def result_of(self, indices: list[int]) -> Tensor:
        """What the loss returns for some samples; fails where it does not take them."""
        outputs, targets = self.chosen(indices, self.precise_outputs, self.precise_targets)
        try:
            return self.result(outputs, targets, self.precise_loss()).detach()
        except AssertionError:
            raise
        except Exception as error:
            reason = (str(error).strip().splitlines() or [""])[0]
            return self.fail(
                f"The loss takes {self.size} samples, and raises for the samples {indices}: "
                f"{type(error).__name__}: {reason[:120]}\nIs another axis taken for the batch, or "
                f"squeezed? Declare batch_axis, or reduction = None if it needs more samples."
            )

    def turned(self, shift: int) -> list[int]:
        return [(i + shift) % self.size for i in range(self.size)]

    def places(self) -> Tensor | None:
        """True where targets count, or None where nothing is declared."""
        if self.mask is not None:
            return self.mask.bool()
        if self.ignore_index is None:
            return None
        if not isinstance(self.targets, Tensor):
            self.fail("ignore_index is declared for targets that are no tensor. Declare mask.")
        return self.targets != self.ignore_index

    def gradients(self, outputs, targets) -> list[Tensor]:
        """The gradients of the loss for all floating tensors of the outputs."""
        outputs = mapped(
            lambda x: x.detach().requires_grad_() if x.is_floating_point() else x, outputs
        )
        leaves = [x for x in tensors_in(outputs) if x.requires_grad]
        normalised = mapped(self.normalised, outputs)
        loss = self.result(normalised, targets, self.precise_loss()).sum()
        if not loss.requires_grad:
            self.fail(
                "The loss has no gradient.\nIs it computed under no_grad, from detached outputs, "
                "from `.item()`, `.data` or numpy's, or from an argmax?"
            )
        found = torch.autograd.grad(loss, leaves, allow_unused=True)
        return [torch.zeros_like(x) if g is None else g for x, g in zip(leaves, found, strict=True)]

    def normalised(self, tensor: Tensor) -> Tensor:
        """Log-probabilities, once more through log_softmax, which changes neither their value.

        Some gradients, such as that of CTC in torch, are right only for what stays normalised.
        """
        return tensor.log_softmax(self.log_axis) if self.log_axis is not None else tensor

    @cached_property
    def log_axis(self) -> int | None:
        """The axis along which the outputs are log-probabilities."""
        outputs = self.precise_outputs
        if not isinstance(outputs, Tensor) or outputs.dim() < 2:
            return None
        kinds = {axis: kind_of(outputs, axis) for axis in (1, -1)}
        return next((a for a, kind in kinds.items() if kind == "log_probabilities"), None)
