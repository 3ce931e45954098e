# SPDX-License-Identifier: MIT
"""Properties of a loss where outputs or targets are extreme."""

from collections.abc import Iterator

import torch
from torch import Tensor

from ..instruments.calls import tensors_in
from ..instruments.nested import mapped
from .readings import axis_of_distributions
from .right_answers import RightAnswers

# A logit that underflows in float32 as a probability; squared errors stay far from overflow.
LARGE = 200.0
# A margin whose exponential does not overflow, as torch's soft_margin_loss needs it.
LARGE_MARGIN = 80.0


class ExtremeTests(RightAnswers):
    """Tests at the ends of what a model may return. Part of AbstractTestLoss."""

    def test_loss_and_gradient_are_finite(self):
        """The loss and its gradient are finite, for right, wrong, equal and large outputs too."""
        self.require_declarations()
        self.check_finite("the given outputs", self.outputs, self.targets)
        for what, outputs, targets in self.extremes():
            try:
                self.check_finite(what, outputs, targets)
            except (RuntimeError, ValueError):
                continue  # refused, as what is out of range may be

    def check_finite(self, what: str, outputs, targets):
        outputs = mapped(
            lambda x: x.detach().requires_grad_() if x.is_floating_point() else x, outputs
        )
        leaves = [x for x in tensors_in(outputs) if x.requires_grad]
        loss = self.result(outputs, targets).sum()
        if loss == torch.inf and "certain" in what:
            return  # as the divergence of what is certain from what is not
        gradients: tuple = ()
        if loss.requires_grad:
            gradients = torch.autograd.grad(loss, leaves, allow_unused=True)
        if not loss.isfinite() or not all(g is None or g.isfinite().all() for g in gradients):
            found = f"The loss is {loss.item():.5g}"
            found += ", and its gradient is not finite," if loss.isfinite() else ""
            self.fail(
                f"{found} for {what}.\nIs there a logarithm, a root or a division of what can be "
                f"0, or an exponential of what can be large? Use log_softmax, logsigmoid, a "
                f"smoothed quotient, or clamp before."
            )

    def extremes(self) -> Iterator[tuple]:
        """What outputs or targets are, outputs, targets; in the precision of the given ones."""
        reading = self.reading
        if reading is None or reading.kind in ("values", "perfect_outputs", "logits"):
            for what, outputs in self.of_either_sign().items():
                yield what, outputs, self.targets
        if reading is None:
            return
        right, wrong = (
            self.as_given(answers(self.largest())) for answers in (reading.right, reading.wrong)
        )
        yield "right answers", right, self.targets
        yield "wrong answers", wrong, self.targets
        if reading.hard and self.targets.numel() == self.outputs.numel():
            yield from self.one_level(right)
        if isinstance(self.targets, Tensor) and isinstance(self.outputs, Tensor):
            yield from self.certain_targets()

    def largest(self) -> float:
        signs = isinstance(self.targets, Tensor) and bool((self.targets == -1).any())
        return LARGE_MARGIN if signs else LARGE

    def as_given(self, outputs):
        """In the precision of the given outputs."""
        dtypes = iter([x.dtype for x in tensors_in(self.outputs)])
        return mapped(lambda x: x.to(next(dtypes)), outputs)

    def one_level(self, right: Tensor) -> Iterator[tuple]:
        """All targets 0, all 1, or all -1, as of an empty mask, with all answers right or mixed."""
        for level in self.targets.unique().tolist():
            targets = torch.full_like(self.targets, level)
            place = (self.targets == level).flatten().nonzero()[0]
            all_right = right.flatten()[place].item()
            yield f"targets that are all {level:g}", self.outputs, targets
            yield f"targets that are all {level:g}", torch.full_like(right, all_right), targets

    def of_either_sign(self) -> dict[str, Tensor | tuple | list | dict]:
        """Outputs that may be any numbers, so that zeros, equal and large ones may occur."""
        tensors = [x for x in tensors_in(self.outputs) if x.is_floating_point()]
        if not all((x < 0).any() and (x > 0).any() for x in tensors):
            return {}  # variances, probabilities
        # Among several outputs may be a logarithm, such as that of a variance.
        factor = 10 if len(tensors) == 1 else 3
        found = {
            "outputs that are zero": mapped(torch.zeros_like, self.outputs),
            "equal outputs for all samples": mapped(self.like_the_first, self.outputs),
            f"outputs {factor} times as large": mapped(lambda x: factor * x, self.outputs),
        }
        if len({tuple(x.shape) for x in tensors}) == 1 < len(tensors):
            found["outputs that are all equal"] = mapped(lambda x: tensors[0], self.outputs)
        if self.reading is not None and self.reading.kind == "values":
            found["outputs far from the targets"] = mapped(lambda x: x + LARGE, self.outputs)
        return found

    def like_the_first(self, tensor: Tensor) -> Tensor:
        axis = self.batch_axis
        if tensor.dim() <= axis or tensor.shape[axis] != self.size:
            return tensor
        return tensor.narrow(axis, 0, 1).expand_as(tensor)

    def certain_targets(self) -> Iterator[tuple]:
        """Targets that are distributions, with all probability in one place."""
        if self.targets.shape != self.outputs.shape or (self.targets < 0).any():
            return
        axis = axis_of_distributions(self.outputs, self.targets)
        if axis is not None:
            certain = self.targets == self.targets.amax(axis, keepdim=True)
            yield "targets that are certain, 0 or 1", self.outputs, certain.to(self.targets)
