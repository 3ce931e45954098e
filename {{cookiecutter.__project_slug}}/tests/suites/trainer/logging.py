"""Properties of what a trainer logs: tags, steps, values, images, and the file they end in."""

import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torch import Tensor

from ..instruments.seeds import seeded


class LoggingTests:
    """Tests of the log. Part of AbstractTestTrainer."""

    def test_logs_losses(self):
        """Every loss is logged once a step or once an epoch, and the steps count on."""
        log = self.record(self.trainer)
        intervals = {
            self.recon_tag: self.steps_between_logs,
            self.kl_tag: self.steps_between_logs,
            self.loss_tag: self.steps_between_logs,
            self.test_tag: 1,
        }
        steps: dict[str, list] = {}
        for tag, interval in intervals.items():
            with self.subTest(tag=tag):
                start = len(log.with_tag(tag))
                with seeded(0):
                    self.trainer.train(interval)
                    self.trainer.train(interval)  # a second call must go on counting
                calls = log.with_tag(tag)[start:]
                steps[tag] = [call["global_step"] for call in log.with_tag(tag)]
                self.check_steps(tag, steps[tag][start:], interval)
                for call in calls:
                    self.check_value(tag, call["scalar_value"])
        for tag in (self.kl_tag, self.loss_tag):
            shared = min(len(steps[tag]), len(steps[self.recon_tag]))
            if steps[tag][:shared] != steps[self.recon_tag][:shared]:
                self.fail(
                    f"{tag} is logged at the steps {steps[tag][:shared]}, {self.recon_tag} at "
                    f"{steps[self.recon_tag][:shared]}.\nIs the counter advanced between the two?"
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
        trainer = self.probe_trainer()
        with seeded(0):
            trainer.train(2)
        steps = [call["global_step"] for call in trainer.summary.with_tag(self.test_tag)]
        if len(steps) != 2 or steps[0] is None or steps[1] != steps[0] + 1:
            self.fail(
                f"{self.test_tag} is logged at the steps {steps} in two epochs of three batches; "
                f"expected two that follow each other, as epochs do."
            )
        logged, evaluated = trainer.summary.values(self.test_tag), trainer.eval()
        if abs(logged[-1] - evaluated) > self.loss_tolerance * abs(evaluated):
            self.fail(
                f"{self.test_tag} is logged as {logged[-1]:.5g} after two epochs; eval() returns "
                f"{evaluated:.5g}.\nIs it logged after the epoch, and is it the same quantity?"
            )

    def test_logs_images(self):
        """Every epoch logs the declared images, under a tag each."""
        tags = self.image_tags
        if tags is None:
            tags = [f"test/{i}" for i in range(self.trainer.num_generated_images)]
        log = self.record(self.trainer)
        with seeded(0):
            self.trainer.train(1)
        for tag in tags:
            with self.subTest(tag=tag):
                calls = log.with_tag(tag, "add_image")
                if len(calls) != 1:
                    self.fail(f"Image {tag} is logged {len(calls)} times in one epoch, not once.")
                self.check_image(tag, torch.as_tensor(calls[0]["img_tensor"]))

    def check_image(self, tag: str, image: Tensor):
        # SummaryWriter clips floats to [0, 1]: a picture in [-1, 1] loses its darker half.
        if image.is_floating_point() and not (image.min() >= 0 and image.max() <= 1):
            self.fail(
                f"Image {tag} has values from {image.min():.3g} to {image.max():.3g}; TensorBoard "
                f"expects [0, 1] and clips the rest.\nScale it back before it is logged."
            )

    def test_event_file_holds_the_log(self):
        """What TensorBoard reads from the log directory are the declared tags, in order."""
        with seeded(0):
            self.trainer.train(self.steps_between_logs)
        self.trainer.summary.flush()
        events = EventAccumulator(str(self.trainer.summary.log_dir)).Reload()
        for tag in (self.recon_tag, self.kl_tag, self.loss_tag, self.test_tag):
            with self.subTest(tag=tag):
                if tag not in events.Tags()["scalars"]:
                    self.fail(f"{tag} is not in the event file of {events.path}.")
                if not all(torch.tensor(event.value).isfinite() for event in events.Scalars(tag)):
                    self.fail(f"{tag} has values in the event file that are not finite.")
