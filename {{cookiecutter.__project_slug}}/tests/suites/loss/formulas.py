# SPDX-License-Identifier: MIT
"""Properties of the value of a loss, where it is known from elsewhere."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from ..instruments.nested import mapped
from ..instruments.seeds import seeded
from .contract import unbound
from .right_answers import RightAnswers

NOISY = 4  # batches with noise on the outputs


class FormulaTests(RightAnswers):
    """Tests against references and against known slips. Part of AbstractTestLoss."""

    def test_equals_the_reference(self):
        """The loss is what the reference works out, for the given outputs and for others."""
        if self.reference is None:
            self.skipTest("reference is not declared.")
        reference = unbound(self.reference, self)
        pairs = []
        for outputs in self.noisy_outputs():
            found = self.value(outputs)
            expected = float(torch.as_tensor(reference(outputs, self.precise_targets)).sum())
            pairs.append((found, expected))
        for found, expected in pairs:
            if not math.isclose(found, expected, rel_tol=max(self.tolerance, 1e-6), abs_tol=1e-9):
                self.fail(
                    f"The loss is {found:.6g}; the reference gives {expected:.6g}.\n"
                    f"{self.likely_slip(pairs)}"
                )

    def likely_slip(self, pairs: list[tuple[float, float]]) -> str:
        """What the loss and the reference differ by in all batches."""
        ratios = [found / expected if expected else math.nan for found, expected in pairs]
        if math.isclose(min(ratios), max(ratios), rel_tol=1e-4):
            return f"It is {ratios[0]:.5g} times that. Is a factor, a sign or a reduction wrong?"
        differences = [found - expected for found, expected in pairs]
        if math.isclose(min(differences), max(differences), rel_tol=1e-4):
            return f"It is always {differences[0]:+.5g} off. Is a constant missing?"
        return (
            "They differ by no factor or constant. Is a standard deviation taken for a variance or "
            "a logarithm, an exponent wrong, or are arguments swapped?"
        )

    def noisy_outputs(self) -> list:
        """The given outputs, and some with their values scaled a little, which keeps signs."""
        outputs = self.precise_outputs
        batches = [outputs]
        for number in range(NOISY):
            with seeded(number):
                batches.append(
                    mapped(
                        lambda x: (
                            x * (0.8 + 0.2 * torch.rand_like(x)) if x.is_floating_point() else x
                        ),
                        outputs,
                    )
                )
        return batches

    def test_classes_have_their_weights(self):
        """Where all classes are equally likely, gradients are as large as the class weights."""
        if self.class_weights is None:
            self.skipTest("class_weights is not declared.")
        weights = torch.as_tensor(self.class_weights).double()
        gradients = self.gradients_by_class(len(weights))
        found = gradients / gradients.sum() * weights.sum()
        if not torch.allclose(found, weights, rtol=1e-3, atol=1e-6):
            self.fail(
                f"Classes have the weights {[round(w, 4) for w in found.tolist()]}; class_weights "
                f"is {[round(w, 4) for w in weights.tolist()]}.\nAre they in another order, those "
                f"of the other class, or taken by another index?"
            )

    def gradients_by_class(self, classes: int) -> Tensor:
        """The size of the gradient of a sample of each class, for outputs that are undecided."""
        outputs, targets = self.precise_outputs, self.precise_targets
        if not isinstance(outputs, Tensor) or not isinstance(targets, Tensor):
            self.skipTest("class_weights are tried on outputs and targets that are one tensor.")
        undecided = torch.zeros_like(outputs)
        if self.reading is not None:
            undecided = self.reading.outputs(undecided)
        found = []
        for index in range(classes):
            some = targets.clone()
            some[0] = index
            some[1:] = 0
            gradient = self.gradients(undecided, some)[0]
            first, second = (gradient.select(self.batch_axis, i).norm() for i in (0, 1))
            found.append((first / second).item())
        return torch.tensor(found, dtype=torch.float64)

    def test_outputs_and_targets_are_not_swapped(self):
        """The loss is not a cross-entropy in which outputs and targets changed places."""
        outputs, targets = self.precise_outputs, self.precise_targets
        if not self.are_probabilities(outputs) or not self.are_probabilities(targets):
            self.skipTest(
                "Outputs and targets are not both probabilities, and not interchangeable."
            )
        soft = 0.1 + 0.8 * targets.to(outputs.dtype).reshape(outputs.shape)
        batches = [0.1 + 0.8 * noisy for noisy in self.noisy_outputs()]
        try:
            found = [self.value(batch, soft.reshape(targets.shape)) for batch in batches]
        except (RuntimeError, ValueError):
            self.skipTest("The loss takes no targets between 0 and 1.")
        for right, wrong in (
            (F.binary_cross_entropy, lambda o, t: F.binary_cross_entropy(t, o)),
            (lambda o, t: -(t * o.log()).sum(), lambda o, t: -(o * t.log()).sum()),
        ):
            if self.in_proportion(found, wrong, batches, soft) and not self.in_proportion(
                found, right, batches, soft
            ):
                self.fail(
                    "The loss is the cross-entropy of the targets under the outputs as if these "
                    "were the truth.\nAre outputs and targets swapped? Outputs come first in torch."
                )

    def in_proportion(self, found: list[float], formula, batches: list, targets: Tensor) -> bool:
        """Whether a loss is a formula times any one factor."""
        values = [formula(batch, targets).item() for batch in batches]
        return all(
            math.isclose(a * values[0], b * found[0], rel_tol=1e-4)
            for a, b in zip(found, values, strict=True)
        )

    def are_probabilities(self, value) -> bool:
        same = isinstance(value, Tensor) and value.numel() == self.precise_outputs.numel()
        return same and bool((value >= 0).all() and (value <= 1).all())
