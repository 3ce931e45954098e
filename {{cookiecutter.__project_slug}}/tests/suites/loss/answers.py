# SPDX-License-Identifier: MIT
"""Properties of what a loss says of right answers and of wrong ones."""

from torch import Tensor

from .readings import CERTAIN, Reading
from .right_answers import SLACK, RightAnswers

# Least part of the cost of wrong answers that right ones must save.
SAVED = 0.1
# Of a certain right answer, in parts of what a certain wrong one costs more: a label smoothing of
# 0.2 stays below it, a second softmax is at 0.5 or higher, a second sigmoid at 0.8. Below 0 there
# is no label smoothing.
FLOOR = 0.22
NEGATIVE_FLOOR = 0.05


class AnswerTests(RightAnswers):
    """Tests of right and wrong answers. Part of AbstractTestLoss."""

    def test_right_answers_cost_least(self):
        """Right answers cost less than others, and no answers near them cost still less."""
        reading = self.required_reading()
        right, others = self.value(reading.right()), self.others(reading)
        for what, other in others.items():
            if not right < other:
                self.fail(
                    f"Right answers ({reading.kind}) cost {right:.5g}, {what} {other:.5g}.\nIs "
                    f"the sign wrong, are arguments swapped, or are the outputs read as something "
                    f"else? Else declare outputs_are or perfect_outputs."
                )
        cheapest = self.cheapest_near(reading)
        if right - cheapest > SLACK * (max(others.values()) - right):
            self.fail(
                f"Right answers ({reading.kind}) cost {right:.5g}, others close to them "
                f"{cheapest:.5g}.\nAre the outputs read as something else (logits, probabilities, "
                f"their logarithms), is a target shifted, or a sign wrong? See outputs_are."
            )

    def test_right_answers_save_most_of_the_loss(self):
        """Wrong answers cost clearly more than right ones."""
        reading = self.required_reading()
        right, wrong = self.value(reading.right()), self.value(reading.wrong())
        if 0 < right < wrong and wrong - right < SAVED * wrong:
            self.fail(
                f"Right answers cost {right:.5g}, wrong ones {wrong:.5g}, hardly more.\nIs a "
                f"similarity multiplied by the temperature in place of divided, or a term much "
                f"larger than the others?"
            )

    def test_every_wrong_answer_costs(self):
        """A wrong answer for any sample raises the loss."""
        reading = self.required_reading()
        right = self.value(reading.right())
        for sample in range(min(self.size, 8)):
            if not self.sample_counts(sample):
                continue
            found = self.value(reading.one_wrong(sample, self.batch_axis))
            if not found > right:
                self.fail(
                    f"All answers right, the loss is {right:.5g}; with a wrong one for sample "
                    f"{sample} it is {found:.5g}.\nDoes every sample count, for every kind of "
                    f"target (0 as well as 1)? Are its targets in the form that the loss expects?"
                )
        for level, places in self.levels(reading).items():
            found = self.value(reading.wrong_where(places))
            if not found > right:
                self.fail(
                    f"All answers right, the loss is {right:.5g}; with wrong ones for all targets "
                    f"{level:g} it is {found:.5g}.\nIs a term missing, or this class ignored?"
                )

    def levels(self, reading: Reading) -> dict[float, Tensor]:
        """The places of each class or level of the targets, if there are such."""
        if not reading.hard:
            return {}
        targets = self.targets if self.targets.dim() else self.targets[None]
        levels = [x for x in targets.unique().tolist() if x != self.ignore_index]
        return {level: targets == level for level in levels[:8]}

    def sample_counts(self, sample: int) -> bool:
        """Whether any place of a sample counts."""
        places = self.places()
        return places is None or bool(places[sample].any())

    def test_surer_answers_cost_more_where_wrong(self):
        """A wrong answer costs more than an undecided one, and that more than a right one."""
        reading = self.required_reading()
        if not reading.hard:
            self.skipTest("Targets or outputs are no classes of which an answer could be sure.")
        costs = {
            "right": self.value(reading.right()),
            "undecided": self.value(reading.right(0.0)),
            "wrong": self.value(reading.wrong()),
        }
        if not costs["right"] < costs["undecided"] < costs["wrong"]:
            found = ", ".join(f"{name} {cost:.5g}" for name, cost in costs.items())
            self.fail(
                f"Sure answers ({reading.kind}) cost: {found}; expected this order.\nIs an "
                f"exponent (gamma of a focal loss) or a sign wrong, or a modulating factor that of "
                f"the other class?"
            )

    def test_certain_right_answers_cost_nothing(self):
        """Certain right answers cost what perfect_loss says, or next to nothing."""
        reading = self.required_reading()
        if self.perfect_loss is None and not reading.hard:
            self.skipTest("perfect_loss is not declared, and depends on the targets.")
        right, wrong = self.value(reading.right(CERTAIN)), self.value(reading.wrong(CERTAIN))
        expected = self.perfect_loss or 0.0
        allowed = FLOOR if right > 0 else NEGATIVE_FLOOR
        if self.perfect_loss is not None:
            allowed = 1e-3
        if not abs(right - expected) <= allowed * max(abs(wrong - right), 1e-12):
            self.fail(
                f"Certain right answers ({reading.kind}) cost {right:.5g}, expected {expected:g}; "
                f"certain wrong ones cost {wrong:.5g}.\n{self.likely_floor(reading, right)}"
            )

    def likely_floor(self, reading: Reading, right: float) -> str:
        """The usual reason for what certain right answers cost, as a question."""
        surer = self.value(reading.right(2 * CERTAIN)) if reading.hard else right
        if surer < right - 1:
            return (
                "It falls without a bound: are logits taken for log-probabilities, or targets for "
                "0 and 1 that are -1 and 1, or outputs and targets swapped?"
            )
        if right < 0 and reading.hard:
            return (
                "Is it the likelihood of probabilities, without a logarithm? Where it is meant, as "
                "in -Dice, declare perfect_loss."
            )
        return (
            "Is a softmax or sigmoid applied twice (in the model and in the loss), a factor or the "
            "term of a sample with itself wrong? Where it is meant, declare perfect_loss."
        )
