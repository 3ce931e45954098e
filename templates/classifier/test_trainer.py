"""Tests of the trainer, on one batch of the sample of MNIST."""

import copy
import types
import unittest
from unittest import mock

import torch
from torch import nn
from torch.utils.data import Subset, default_collate

from {{ cookiecutter.__package_name }} import trainer
from {{ cookiecutter.__package_name }}.dataset import SAMPLE_ROOT, MyMNIST
from {{ cookiecutter.__package_name }}.model import MLPClassifier
from {{ cookiecutter.__package_name }}.trainer import Trainer

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

    def test_processes_predict_with_the_same_statistics(self):
        """In training each has followed its own images: those of the main one are sent around."""
        with mock.patch.object(trainer, "broadcast_buffers") as send:
            self.trainer.predict()
        send.assert_called_once_with(self.trainer.model)

    def test_the_loss_is_a_mean(self):
        """Of the whole batch, as that of the evaluation is; a sum would grow with the batch."""
        with torch.no_grad():
            losses = self.trainer.losses(default_collate(self.trainer.data.test_data))
        self.assertEqual([*losses], ["cross_entropy"])
        self.assertAlmostEqual(losses["cross_entropy"].item(), self.trainer.eval(), places=5)

    def test_logs_all_that_is_to_be_looked_at(self):
        """Every epoch logs the figures and the pictures."""
        self.trainer.num_pictures = 3
        scalars, images = self.calls_of("add_scalar"), self.calls_of("add_image")
        self.trainer.train(2)
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

    def calls_of(self, name: str) -> list[tuple]:
        """The arguments of all calls of a method of the TensorBoard writer from now on."""
        calls: list[tuple] = []
        patch = mock.patch.object(self.trainer.summary, name, lambda *call: calls.append(call))
        patch.start()
        self.addCleanup(patch.stop)
        return calls
