"""Tests of the trainer, on one batch of the sample of MNIST."""

import copy
import math
import types
import unittest
from functools import partial
from unittest import mock

import torch
from torch import nn
from torch.utils.data import Subset

from {{ cookiecutter.__package_name }} import loop
from {{ cookiecutter.__package_name }}.dataset import SAMPLE_ROOT, MyMNIST
from {{ cookiecutter.__package_name }}.model import MLPClassifier
from {{ cookiecutter.__package_name }}.trainer import Trainer, interleaved

from tests.suites import AbstractTestClassifierTrainer

DIGITS = [str(digit) for digit in range(10)]


def adam(model: nn.Module) -> torch.optim.Optimizer:
    return torch.optim.Adam(model.parameters(), lr=1.5e-3, fused=True)  # fused: a third faster


class TestTrainer(unittest.TestCase, AbstractTestClassifierTrainer):
    distributed = True
    num_classes = 10
    new_model: MLPClassifier

    @classmethod
    def setUpClass(cls):
        cls.new_model = MLPClassifier(input_shape=(1, 32, 32), num_classes=10)

    def new_trainer(
        self, model, data, *, batch_size, device="cpu", make_optimizer=adam, make_scheduler=None,
        **settings,
    ):  # fmt: skip
        """How every trainer in these tests is built."""
        optimizer = make_optimizer(model)
        return Trainer(
            model,
            data,
            optimizer,
            batch_size,
            device,
            log_dir=self.new_folder(),
            scheduler=make_scheduler(optimizer) if make_scheduler else None,
            **{"classes": DIGITS, "num_pictures": 0, "save_checkpoints": False, **settings},
        )

    def setUp(self):
        batch = Subset(MyMNIST(SAMPLE_ROOT).test_data, range(4))
        data = types.SimpleNamespace(train_data=batch, test_data=batch)
        model = copy.deepcopy(self.new_model)  # faster than drawing half a million weights
        self.trainer = self.new_trainer(model, data, batch_size=4)

    def tearDown(self):
        if "summary" in vars(self.trainer):  # the writer is made when it is first needed
            self.trainer.summary.close()

    def evaluate(self, trainer) -> dict:
        """Both figures of an evaluation."""
        return {"loss": trainer.eval(), "accuracy": trainer.accuracy()}

    def test_predictions_are_those_of_each_image(self):
        """predict() has the logits of all test images, in their order, in batches of any size."""
        self.trainer = self.new_trainer(self.trainer.model, self.trainer.data, batch_size=3)
        found = self.trainer.predict()
        images, labels = zip(*self.trainer.data.test_data, strict=True)
        with torch.no_grad():
            expected = torch.cat([self.trainer.model(image[None]) for image in images])
        torch.testing.assert_close(found.logits, expected)
        self.assertEqual(found.labels.tolist(), list(labels))

    def test_predictions_of_several_processes_are_in_order(self):
        """Of three processes, the second has the images 1 and 4."""
        shares = [torch.tensor([[0], [3], [6]]), torch.tensor([[1], [4]]), torch.tensor([[2], [5]])]
        self.assertEqual(interleaved(shares).flatten().tolist(), [0, 1, 2, 3, 4, 5, 6])
        self.assertEqual(interleaved(shares[:1]).flatten().tolist(), [0, 3, 6])

    def test_logs_all_that_is_to_be_looked_at(self):
        """Every step logs the norm of the gradient, every epoch the figures and the pictures."""
        self.trainer.num_pictures = 3
        scalars, images = self.calls_of("add_scalar"), self.calls_of("add_image")
        self.trainer.train(2)
        norms = [(step, value) for tag, value, step in scalars if tag == "train/grad_norm"]
        self.assertEqual([step for step, _ in norms], [0, 1])
        gradients = [parameter.grad for parameter in self.trainer.model.parameters()]
        norm = nn.utils.get_total_norm(gradients).item()  # not clipped, unless that is asked for
        self.assertAlmostEqual(norms[1][1], norm, places=2, msg="train/grad_norm is another norm.")
        found = self.evaluate(self.trainer)
        for tag, expected in (
            ("test/loss", found["loss"]),
            ("test/cross_entropy", found["loss"]),
            ("test/accuracy", found["accuracy"]),
        ):
            entries = [(step, value) for name, value, step in scalars if name == tag]
            self.assertEqual([step for step, _ in entries], [0, 1], tag)
            self.assertEqual(entries[1][1], expected, tag)
        tags = [(tag, step) for tag, _, step in images]
        names = ("test/confusion", "test/most_wrong")
        self.assertEqual(tags, [(name, step) for step in (0, 1) for name in names])
        for (_, picture, _), draw in zip(
            images[2:], (self.trainer.draw_confusion, self.trainer.draw_most_wrong), strict=True
        ):
            torch.testing.assert_close(picture, draw())

    def test_test_loss_stands_at_the_last_step_of_its_epoch(self):
        """Two steps an epoch: test/cross_entropy is at the second and the fourth."""
        self.trainer = self.new_trainer(self.trainer.model, self.trainer.data, batch_size=2)
        scalars = self.calls_of("add_scalar")
        self.trainer.train(2)
        for tag, expected in (("test/cross_entropy", [1, 3]), ("test/accuracy", [0, 1])):
            self.assertEqual([step for name, _, step in scalars if name == tag], expected, tag)

    def test_draws_no_pictures_unless_they_are_wanted(self):
        """With num_pictures = 0 an epoch has figures only."""
        images = self.calls_of("add_image")
        self.trainer.train(1)
        self.assertEqual(images, [])

    def test_logs_the_layers_now_and_then(self):
        """The first step of so many logs the gradient and the update of every layer."""
        scalars = self.calls_of("add_scalar")
        with mock.patch.object(loop, "STEPS_BETWEEN_LAYERS", 2):
            self.trainer.train(4)
        steps = [step for tag, _, step in scalars if tag.startswith("weights/update/head")]
        self.assertEqual(steps, [0, 2])

    def test_a_checkpoint_has_the_names_of_earlier_ones(self):
        """Under another name, a part of a run that began before is not found."""
        model, data = self.trainer.model, self.trainer.data
        decay = partial(torch.optim.lr_scheduler.ExponentialLR, gamma=0.5)
        trainer = self.new_trainer(model, data, batch_size=4, make_scheduler=decay)
        parts = {"model", "optimizer", "scheduler", "scaler", "loader", "random_states"}
        self.assertEqual({*trainer.state_dict()}, parts | {"epoch", "step", "description"})
        self.assertEqual(trainer.checkpoint_path.name, "checkpoint.pt")

    def calls_of(self, name: str) -> list[tuple]:
        """The arguments of all calls of a method of the TensorBoard writer from now on."""
        calls: list[tuple] = []
        patch = mock.patch.object(self.trainer.summary, name, lambda *call: calls.append(call))
        patch.start()
        self.addCleanup(patch.stop)
        return calls

    def test_progress_shows_epoch_and_loss(self):
        """The bar has all steps as its total, and shows the epoch, from 1, and the last loss."""
        scalars = self.calls_of("add_scalar")
        self.trainer.show_progress = True
        with mock.patch.object(loop, "tqdm") as tqdm:
            self.trainer.train(2)
        tqdm.assert_called_once_with(total=2, unit="step", disable=False)
        progress = tqdm.return_value.__enter__.return_value
        shown = [call.kwargs for call in progress.set_postfix.call_args_list]
        self.assertEqual([kwargs["epoch"] for kwargs in shown], [1, 2])
        losses = [f"{value:.4g}" for tag, value, _ in scalars if tag == "train/loss"]
        self.assertEqual([kwargs["loss"] for kwargs in shown], losses)
        self.assertFalse(shown[0]["refresh"])
        self.assertEqual(progress.update.call_count, 2)

    def test_loss_that_is_not_finite_is_named(self):
        """The error says where it happened and which term it was."""
        weight = next(self.trainer.model.parameters())
        for loss in (math.nan, math.inf):
            term = weight.sum() * 0 + loss
            self.trainer.losses = lambda _, term=term: {"cross_entropy": term}
            message = f"^not finite in epoch 0, step 0: cross entropy {loss}$"
            with self.subTest(loss=loss), self.assertRaisesRegex(FloatingPointError, message):
                self.trainer.train(1)

    def test_gradient_that_is_not_finite_is_named(self):
        """A finite loss may have a gradient that is not: no weight is changed by it."""
        weight = next(self.trainer.model.parameters())
        weight.register_hook(lambda gradient: gradient / 0)
        before = weight.detach().clone()
        message = "^not finite in epoch 0, step 0: norm of the gradient nan$"
        with self.assertRaisesRegex(FloatingPointError, message):
            self.trainer.train(1)
        torch.testing.assert_close(weight.detach(), before, rtol=0, atol=0)

    def test_goes_on_after_a_stop(self):
        """What an earlier call was asked for does not end the next one."""
        self.trainer.stop_requested = True
        self.trainer.train(2)
        self.assertEqual(self.trainer.step, 2)
