# SPDX-License-Identifier: MIT
"""Properties of generated pictures: what they are and how they are logged."""

import torch
from torch import Tensor

from ...instruments.seeds import seeded
from ..recorder import Recorder, swapped
from .contract import VAETrainerContract
from .probe import AnsweringVAE, image_in


class PictureTests(VAETrainerContract):
    """Tests of generate(n) and of logged images. Part of AbstractTestVAETrainer."""

    def test_generates_images(self):
        """generate(n) gives n different finite images, without a graph."""
        self.require_complete()
        self.require("generate")
        with seeded(0):
            images = self.generate(self.trainer, 2)
        if len(images) != 2 or not torch.as_tensor(images[0]).isfinite().all():
            self.fail(f"generate(2) gives {len(images)} images, or values that are not finite.")
        if images[0].requires_grad:
            self.fail("generate(n) returns a tensor with a graph. Use torch.no_grad().")
        if torch.equal(images[0], images[1]):
            self.fail("generate(2) gives the same image twice. Is an index or a code reused?")

    def test_generated_pairs_belong_together(self):
        """On the right of each of the first test images stands its own reconstruction."""
        self.require_complete()
        self.require("generate")
        trainer = self.probe_trainer()
        test_data = self.data_of(trainer).test_data
        images = torch.stack([image_in(test_data[i]) for i in range(2)])
        answer = AnsweringVAE(lambda x: x / 2, self.evaluated(trainer))
        with swapped(trainer, self.evaluated_model, answer):
            found = self.generate(trainer, 2).cpu()
        if found.shape[:-1] != images.shape[:-1] or found.shape[-1] != 2 * images.shape[-1]:
            self.skipTest("generate(n) does not return images beside their reconstructions.")
        left, right = found.chunk(2, dim=-1)
        for side, half, expected in (("left", left, images), ("right", right, images / 2)):
            if not torch.allclose(half, expected, atol=1e-6):
                self.fail(
                    f"With a model that halves its inputs, the {side} halves of generate(2) are "
                    f"not the first two test images{' / 2' if side == 'right' else ''}.\nAre they "
                    f"of another split, in another order, interchanged, or clipped?"
                )

    def test_logs_images(self):
        """Every epoch logs the declared images, under a tag each."""
        self.require_complete()
        number = getattr(self.trainer, "num_generated_images", 0)
        usual = tuple(f"test/{i}" for i in range(number))
        tags = usual if self.image_tags is None else self.image_tags
        if not tags:
            self.skipTest("No images are declared to be logged (image_tags).")
        self.record(self.trainer)
        log = self.trainer.summary
        if not isinstance(log, Recorder):
            self.skipTest("The trainer has no summary that could be recorded.")
        with seeded(0):
            self.train(self.trainer, 1)
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
