"""Properties of a loss where outputs or targets are extreme."""

import torch
from torch import Tensor

from ..instruments.calls import tensors_in
from ..instruments.nested import mapped

# Logits of which one underflows in float32 as a probability; squared errors stay far from overflow.
LARGE = 200.0


class ExtremeTests:
    """Tests at the ends of what a model may return. Part of AbstractTestLoss."""

    def test_loss_and_gradient_are_finite(self):
        """The loss and its gradient are finite, for right, wrong, equal and large outputs too."""
        self.require_declarations()
        for what, (outputs, targets) in self.extremes().items():
            found = self.finite_at(outputs, targets, refusable=what != "the given outputs")
            with self.subTest(outputs=what):
                if found:
                    self.fail(
                        f"{found} for {what}.\nIs there a logarithm, a root or a division of what "
                        f"can be zero, or an exponential of what can be large? Use log_softmax, "
                        f"logsigmoid, a sum of one more in the denominator, or clamp before."
                    )

    def finite_at(self, outputs, targets, refusable: bool) -> str:
        """What is not finite, if anything; a loss may refuse what is out of its range."""
        outputs = mapped(
            lambda x: x.detach().requires_grad_() if x.is_floating_point() else x, outputs
        )
        leaves = [x for x in tensors_in(outputs) if x.requires_grad]
        try:
            loss = self.result(outputs, targets).sum()
        except (RuntimeError, ValueError):
            if refusable:
                return ""
            raise
        if not loss.isfinite():
            return f"The loss is {loss.item()}"
        if not loss.requires_grad:
            return ""
        gradients = torch.autograd.grad(loss, leaves, allow_unused=True)
        finite = all(g is None or g.isfinite().all() for g in gradients)
        return "" if finite else f"The loss is {loss.item():.5g} and its gradient is not finite"

    def extremes(self) -> dict[str, tuple]:
        """Pairs of outputs and targets by what the outputs are, in the precision of the outputs."""
        pairs = {"the given outputs": (self.outputs, self.targets)}
        reading = self.reading
        if reading is not None:
            certainty = LARGE if reading.hard else 1.0
            pairs["right answers"] = (self.as_given(reading.right(certainty)), self.targets)
            pairs["wrong answers"] = (self.as_given(reading.wrong(certainty)), self.targets)
        if reading is None or reading.kind in ("values", "perfect_outputs", "logits"):
            pairs |= self.of_either_sign()
        if reading is not None and reading.hard and self.has_levels():
            for level in self.targets.unique().tolist():
                targets = torch.full_like(self.targets, level)
                for what in ("right answers", "wrong answers"):
                    pairs[f"{what}, with targets {level:g} before"] = (pairs[what][0], targets)
                pairs[f"all targets {level:g}"] = (self.all_right(level), targets)
        if reading is not None and not reading.hard and reading.kind not in ("values",):
            pairs |= self.certain_targets(reading.kind)
        return pairs

    def as_given(self, outputs):
        """In the precision of the given outputs."""
        dtypes = iter([x.dtype for x in tensors_in(self.outputs)])
        return mapped(lambda x: x.to(next(dtypes)), outputs)

    def has_levels(self) -> bool:
        """Whether targets are numbers 0 and 1, or -1 and 1, as in a mask."""
        return self.targets.numel() == self.outputs.numel()

    def all_right(self, level: float) -> Tensor:
        """Outputs that are certain of one level in all places."""
        reading = self.reading
        place = (self.targets == level).flatten().nonzero()[0]
        return torch.full_like(
            self.outputs, self.as_given(reading.right(LARGE)).flatten()[place].item()
        )

    def of_either_sign(self) -> dict[str, tuple]:
        """Outputs that may be any numbers, so that zeros, equal and large ones may occur."""
        tensors = [x for x in tensors_in(self.outputs) if x.is_floating_point()]
        if not all((x < 0).any() and (x > 0).any() for x in tensors):
            return {}  # variances, probabilities

        def first(x: Tensor) -> Tensor:
            shape = x.shape[self.batch_axis] if x.dim() > self.batch_axis else 0
            axis = self.batch_axis
            return x.narrow(axis, 0, 1).expand_as(x) if shape == self.size else x

        pairs = {
            "outputs that are zero": mapped(torch.zeros_like, self.outputs),
            "equal outputs for all samples": mapped(first, self.outputs),
            "outputs ten times as large": mapped(lambda x: 10 * x, self.outputs),
        }
        if len({tuple(x.shape) for x in tensors}) == 1 < len(tensors):
            pairs["outputs that are all equal"] = mapped(lambda x: tensors[0], self.outputs)
        if self.reading is not None and self.reading.kind == "values":
            pairs["outputs far from the targets"] = mapped(lambda x: x + LARGE, self.outputs)
        return {what: (outputs, self.targets) for what, outputs in pairs.items()}

    def certain_targets(self, kind: str) -> dict[str, tuple]:
        """Targets that are distributions, with all probability in one place."""
        if not isinstance(self.targets, Tensor) or not self.targets.is_floating_point():
            return {}
        for axis in dict.fromkeys((1, self.targets.dim() - 1)):
            total = self.targets.sum(axis) if 0 < axis < self.targets.dim() else None
            if total is not None and torch.allclose(total, torch.ones_like(total), atol=1e-3):
                certain = (self.targets == self.targets.amax(axis, keepdim=True)).to(self.targets)
                return {"targets that are 0 and 1": (self.outputs, certain)}
        return {}
