# SPDX-License-Identifier: MIT
"""Properties of what a trainer logs: tags, steps, values, and the file they end in."""

import itertools

import torch

from ..instruments.optional import event_accumulator, writer_class
from ..instruments.seeds import seeded
from .probing import TrainerProbe


class LoggingTests(TrainerProbe):
    """Tests of the log. Part of AbstractTestTrainer."""

    def tags(self) -> tuple[str, ...]:
        """The tags of all that is declared to be logged."""
        return (*self.step_tags(), *(() if self.eval_tag is None else (self.eval_tag,)))

    def require_log(self):
        self.require_complete()
        if not self.tags():
            self.skipTest("Nothing is declared to be logged (loss_tags, eval_tag).")

    def test_logs_losses(self):
        """Every loss is logged once a step or once an epoch, and the steps count on."""
        self.require_log()
        self.record(self.trainer)
        steps: dict[str, list] = {}
        for tag in self.tags():
            interval = self.steps_between_logs if tag in self.step_tags() else 1
            with self.subTest(tag=tag):
                start = len(self.entries(self.trainer, tag))
                with seeded(0):
                    self.train(self.trainer, interval)
                    self.train(self.trainer, interval)  # a second call must go on counting
                entries = self.entries(self.trainer, tag)
                steps[tag] = [step for step, _ in entries]
                self.check_steps(tag, steps[tag][start:], interval)
                for _, value in entries[start:]:
                    self.check_value(tag, value)
        self.check_common_steps(steps)

    def check_common_steps(self, steps: dict[str, list]):
        """All losses are logged at the same steps."""
        logged = [tag for tag in self.step_tags() if tag in steps]
        for first, tag in itertools.pairwise(logged):
            shared = min(len(steps[tag]), len(steps[first]))
            if steps[tag][:shared] != steps[first][:shared]:
                self.fail(
                    f"{tag} is logged at the steps {steps[tag][:shared]}, {first} at "
                    f"{steps[first][:shared]}.\nIs the counter advanced between the two?"
                )

    def check_steps(self, tag: str, steps: list, interval: int):
        if len(steps) != 2:
            self.fail(
                f"{tag} is logged {len(steps)} times in {2 * interval} epochs of one step; "
                f"expected 2 times.\nIs it logged under another tag, or in the wrong loop?"
            )
        if steps[0] is None or steps[1] != steps[0] + interval:
            self.fail(
                f"{tag} is logged at the steps {steps} in {2 * interval} epochs of one step each."
                f"\nExpected two that are {interval} apart. Is the counter advanced, and kept?"
            )

    def check_value(self, tag: str, value):
        value = torch.as_tensor(value)
        if value.numel() != 1 or not value.isfinite().all():
            self.fail(f"{tag} is logged as {value}; expected one finite number.")
        if value.requires_grad:
            self.fail(
                f"{tag} is logged as a tensor with a gradient.\n"
                f"It keeps the graph of the step in memory. Log loss.item() instead."
            )

    def test_logs_the_evaluation(self):
        """The test loss in the log is what eval() returns."""
        self.require_quiet_evaluation()
        if self.eval_tag is None:
            self.skipTest("The evaluation is declared not to be logged (eval_tag).")
        trainer = self.probe_trainer()
        with seeded(0):
            self.train(trainer, 2)
        steps = [step for step, _ in self.entries(trainer, self.eval_tag)]
        apart = 1 if self.eval_step == "epoch" else 3
        if len(steps) != 2 or steps[0] is None or steps[1] != steps[0] + apart:
            self.fail(
                f"{self.eval_tag} is logged at the steps {steps} in two epochs of three batches; "
                f"expected two that follow each other, as {self.eval_step}s do."
            )
        logged, evaluated = self.values(trainer, self.eval_tag), self.numbers(trainer)
        closest = min(evaluated.values(), key=lambda value: abs(logged[-1] - value))
        if not abs(logged[-1] - closest) <= self.loss_tolerance * abs(closest):
            self.fail(
                f"{self.eval_tag} is logged as {logged[-1]:.5g} after two epochs; eval() returns "
                f"{closest:.5g}.\nIs it logged after the epoch, and is it the same quantity?"
            )

    def test_the_loss_of_an_epoch_is_the_mean_over_its_samples(self):
        """The training loss that is logged for an epoch weighs batches by their size."""
        self.require_complete()
        if self.epoch_loss_tag is None:
            self.skipTest("No training loss of an epoch is declared to be logged (epoch_loss_tag).")
        trainer = self.probe_trainer()
        losses = [sum(step.losses) for step in self.observe(trainer)][-3:]
        found = self.values(trainer, self.epoch_loss_tag)[-1]
        sizes = (1, 1, 1) if self.minimises_sum else (4, 4, 3)
        expected = sum(n * loss for n, loss in zip(sizes, losses, strict=True)) / 11
        if not abs(found - expected) <= self.loss_tolerance * abs(expected):
            self.fail(
                f"{self.epoch_loss_tag} is {found:.6g}; the mean over the 11 samples of the epoch "
                f"is {expected:.6g}.\nThe mean over its batches is {sum(losses) / 3:.6g}: is the "
                f"last one, which is smaller, counted like the others?"
            )

    def test_event_file_holds_the_log(self):
        """What TensorBoard reads from the log directory are the declared tags, in order."""
        self.require_log()
        if not isinstance(getattr(self.trainer, "summary", None), writer_class()):
            self.skipTest("The trainer has no summary that is a SummaryWriter.")
        with seeded(0):
            self.train(self.trainer, self.steps_between_logs)
        self.trainer.summary.flush()
        events = event_accumulator()(str(self.trainer.summary.log_dir)).Reload()
        for tag in self.tags():
            with self.subTest(tag=tag):
                if tag not in events.Tags()["scalars"]:
                    self.fail(f"{tag} is not in the event file of {events.path}.")
                if not all(torch.tensor(event.value).isfinite() for event in events.Scalars(tag)):
                    self.fail(f"{tag} has values in the event file that are not finite.")
