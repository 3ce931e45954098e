# SPDX-License-Identifier: MIT
"""Properties of the terms of a loss that is a sum of several."""

import torch
from torch import Tensor

from ..instruments.nested import mapped, tensors_in
from ..instruments.seeds import seeded
from .contract import unbound
from .means import Means
from .right_answers import RightAnswers

TRIES = 8


class TermTests(Means, RightAnswers):
    """Tests of single terms and of their weights. Part of AbstractTestLoss."""

    def test_loss_is_the_weighted_sum_of_its_terms(self):
        """The loss is the sum of its terms, each times its declared weight."""
        terms = self.required_terms()
        weights = {name: float((self.term_weights or {}).get(name, 1.0)) for name in terms}
        for outputs, targets in self.batches():
            found = self.value(outputs, targets)
            parts = {name: self.term(name, outputs, targets) for name in terms}
            expected = sum(weights[name] * parts[name] for name in terms)
            scale = sum(abs(weights[name] * parts[name]) for name in terms)
            if not abs(found - expected) <= max(self.tolerance, 1e-6) * scale:
                self.fail(
                    f"The loss is {found:.5g}; "
                    + " + ".join(f"{weights[n]:g} * {n} ({parts[n]:.5g})" for n in terms)
                    + f" is {expected:.5g}.\n{self.likely_weights(weights)}"
                )

    def test_gradient_is_that_of_the_weighted_terms(self):
        """The gradient of the loss is that of its terms, each times its declared weight."""
        terms = self.required_terms()
        weights = {name: float((self.term_weights or {}).get(name, 1.0)) for name in terms}
        found = flat(self.gradients(self.precise_outputs, self.precise_targets))
        expected = sum(weights[name] * self.gradient_of_term(name) for name in terms)
        if not (found - expected).norm() <= max(self.tolerance, 1e-6) * found.norm():
            listed = " + ".join(f"{weights[name]:g} * {name}" for name in terms)
            self.fail(
                f"The gradient of the loss is not that of {listed}, though their values may add "
                f"up.\nIs a weight on another term of the same value, or is one of them detached "
                f"elsewhere?"
            )

    def gradient_of_term(self, name: str) -> Tensor:
        function = unbound(self.required_terms()[name], self)
        outputs = mapped(
            lambda x: x.detach().clone().requires_grad_() if x.is_floating_point() else x,
            self.precise_outputs,
        )
        leaves = [x for x in tensors_in(outputs) if x.requires_grad]
        with seeded(0):
            value = function(mapped(self.normalised, outputs), self.precise_targets).sum()
        if not value.requires_grad:
            return torch.zeros_like(flat(leaves))
        found = torch.autograd.grad(value, leaves, allow_unused=True)
        pairs = zip(leaves, found, strict=True)
        return flat([torch.zeros_like(x) if g is None else g for x, g in pairs])

    def likely_weights(self, declared: dict[str, float]) -> str:
        """The weights that explain the loss of several batches, if any do."""
        batches = self.batches()
        rows = [[self.term(name, *batch) for name in declared] for batch in batches]
        a = torch.tensor(rows, dtype=torch.float64)
        b = torch.tensor([[self.value(*batch)] for batch in batches], dtype=torch.float64)
        solution = torch.linalg.lstsq(a, b).solution
        if not torch.allclose(a @ solution, b, rtol=1e-4):
            return "No weights explain it: is a term missing, or there twice?"
        pairs = zip(solution.flatten().tolist(), declared, strict=True)
        found = ", ".join(f"{weight:.4g} * {name}" for weight, name in pairs)
        return f"It is {found}. Is a weight, a sign or a reduction wrong? See term_weights."

    def test_every_term_is_least_at_perfect_outputs(self):
        """Each term by itself is lower for the perfect outputs than for the given ones."""
        terms = self.required_terms()
        if self.perfect_outputs is None:
            self.skipTest("perfect_outputs is not declared.")
        for name in terms:
            given = self.term(name, self.precise_outputs, self.precise_targets)
            perfect = self.term(name, self.required_reading().right(), self.precise_targets)
            with self.subTest(term=name):
                if not perfect < given:
                    self.fail(
                        f"The term {name} is {perfect:.5g} for the perfect outputs and "
                        f"{given:.5g} for the given ones.\nIs its sign wrong, or is it of other "
                        f"arguments than meant?"
                    )

    def test_terms_have_one_reduction(self):
        """Over a batch, all terms are sums, or all are means."""
        terms = self.required_terms()
        if self.reduction is None:
            self.skipTest("Samples are declared to be compared with each other.")
        found = {name: self.reduction_of(name) for name in terms}
        kinds = {kind for kind in found.values() if kind}
        if len(kinds) > 1:
            listed = " and ".join(f"{name} is a {kind}" for name, kind in found.items())
            self.fail(
                f"Over the samples of a batch, {listed}.\nTheir balance depends on the batch "
                f"size. Divide both by the number of samples, or neither."
            )

    def reduction_of(self, name: str) -> str:
        """Whether a term is the sum or the mean of those of the samples."""
        arguments = self.precise_outputs, self.precise_targets
        whole = self.term(name, *arguments)
        alone = [self.term(name, *self.chosen([i], *arguments)) for i in range(self.size)]
        for kind, expected in (("sum", sum(alone)), ("mean", sum(alone) / len(alone))):
            if self.same(whole, expected):
                return kind
        return ""

    def term(self, name: str, outputs, targets) -> float:
        function = unbound(self.required_terms()[name], self)
        with seeded(0):
            return float(function(mapped(torch.clone, outputs), mapped(torch.clone, targets)).sum())

    def batches(self) -> list[tuple]:
        """The given batch, and as many with noise on the outputs as tell terms apart."""
        batches = [(self.precise_outputs, self.precise_targets)]
        for number in range(TRIES):
            with seeded(number):
                outputs = mapped(
                    lambda x: x * (0.75 + 0.5 * torch.rand_like(x)) if x.is_floating_point() else x,
                    self.precise_outputs,
                )
            batches.append((outputs, self.precise_targets))
        return batches

    def required_terms(self) -> dict:
        if not self.terms:
            self.skipTest("terms is not declared.")
        return self.terms


def flat(tensors: list[Tensor]) -> Tensor:
    return torch.cat([tensor.detach().flatten() for tensor in tensors])
