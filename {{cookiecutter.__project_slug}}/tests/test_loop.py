"""Tests of the training loop's own details, on a small regression."""

import math
import types
import unittest
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import TensorDataset

from {{ cookiecutter.__package_name }} import loop, tracking
from {{ cookiecutter.__package_name }}.loop import Loop


class Regression(Loop):
    def losses(self, batch):
        inputs, targets = batch
        return {
            "squared_error": F.mse_loss(self.model(inputs), targets),
            "weight_decay": 0.01 * self.model.weight.square().sum(),
        }


class TestLoop(unittest.TestCase):
    def setUp(self):
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        torch.manual_seed(0)
        self.loop = self.new_loop(Path(folder.name))

    def new_loop(
        self, log_dir: Path, make_scheduler=lambda optimizer: None, **settings
    ) -> Regression:
        split = TensorDataset(torch.randn(4, 3), torch.randn(4, 2))
        data = types.SimpleNamespace(train_data=split, test_data=split)
        model = nn.Linear(3, 2)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        given = {"scheduler": make_scheduler(optimizer), "save_checkpoints": False, **settings}
        new = Regression(model, data, optimizer, 4, "cpu", log_dir, **given)
        self.addCleanup(lambda: new.summary.close())
        return new

    def calls_of(self, name: str) -> list[tuple]:
        """The arguments of all calls of a method of the TensorBoard writer from now on."""
        calls: list[tuple] = []
        patch = mock.patch.object(self.loop.summary, name, lambda *call: calls.append(call))
        patch.start()
        self.addCleanup(patch.stop)
        return calls

    def test_logs_the_norm_of_the_gradient(self):
        """At every step, and as it is: nothing is clipped unless that is asked for."""
        scalars = self.calls_of("add_scalar")
        self.loop.train(2)
        norms = [(step, value) for tag, value, step in scalars if tag == "train/grad_norm"]
        self.assertEqual([step for step, _ in norms], [0, 1])
        weights = self.loop.model.parameters()
        gradients = [weight.grad for weight in weights if weight.grad is not None]
        norm = nn.utils.get_total_norm(gradients).item()
        self.assertAlmostEqual(norms[1][1], norm, places=5, msg="train/grad_norm is another norm.")

    def test_logs_the_layers_now_and_then(self):
        """The first step of so many logs the gradient and the update of every layer."""
        scalars = self.calls_of("add_scalar")
        with mock.patch.object(tracking, "STEPS_BETWEEN_LAYERS", 2):
            self.loop.train(4)
        steps = [step for tag, _, step in scalars if tag == "weights/update/weight"]
        self.assertEqual(steps, [0, 2])

    def test_a_checkpoint_has_the_names_of_earlier_ones(self):
        """Under another name, a part of a run that began before is not found."""
        decay = partial(torch.optim.lr_scheduler.ExponentialLR, gamma=0.5)
        new = self.new_loop(self.loop.log_dir, decay)
        parts = {"model", "optimizer", "scheduler", "scaler", "loader", "random_states"}
        self.assertEqual({*new.state_dict()}, parts | {"epoch", "step", "description"})
        self.assertEqual(new.checkpoint_path.name, "checkpoint.pt")

    def test_compiles_its_losses_where_that_is_asked_for(self):
        """By torch.compile, which would take longer than all of these tests."""
        calls = []

        def compiled(function, device):
            calls.append((function.__name__, device))
            return lambda batch: function(batch)

        with mock.patch.object(loop, "compiled", compiled):
            new = self.new_loop(self.loop.log_dir)
            self.assertEqual((calls, "losses" in vars(new)), ([], False))
            new = self.new_loop(self.loop.log_dir, compile=True)
        self.assertEqual(calls, [("losses", torch.device("cpu"))])
        self.assertIn("losses", vars(new))
        new.train(1)
        self.assertEqual(new.step, 1)

    def test_says_what_a_task_has_to_add(self):
        """A loop without losses(batch) names itself and what it lacks."""
        with self.assertRaisesRegex(NotImplementedError, r"^Loop has no losses\(batch\)\.$"):
            Loop.losses(Loop.__new__(Loop), None)

    def test_progress_shows_epoch_and_loss(self):
        """The bar has all steps as its total, and shows the epoch, from 1, and the last loss."""
        scalars = self.calls_of("add_scalar")
        self.loop.show_progress = True
        with mock.patch.object(loop, "tqdm") as tqdm:
            self.loop.train(2)
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
        for losses, text in (
            ((math.nan, 1.0), "squared error nan, weight decay 1"),
            ((1.0, math.inf), "squared error 1, weight decay inf"),
        ):
            zero = self.loop.model.weight.sum() * 0
            names = ("squared_error", "weight_decay")
            terms = {name: zero + loss for name, loss in zip(names, losses, strict=True)}
            message = f"^not finite in epoch 0, step 0: {text}$"
            with (
                self.subTest(losses=losses),
                mock.patch.object(self.loop, "losses", return_value=terms),
                self.assertRaisesRegex(FloatingPointError, message),
            ):
                self.loop.train(1)

    def test_gradient_that_is_not_finite_is_named(self):
        """A finite loss may have a gradient that is not: no weight is changed by it."""
        weight = self.loop.model.weight
        weight.register_hook(lambda gradient: gradient / 0)
        before = weight.detach().clone()
        message = "^not finite in epoch 0, step 0: norm of the gradient (nan|inf)$"
        with self.assertRaisesRegex(FloatingPointError, message):
            self.loop.train(1)
        torch.testing.assert_close(weight.detach(), before, rtol=0, atol=0)

    def test_goes_on_after_a_stop(self):
        """What an earlier call was asked for does not end the next one."""
        self.loop.stop_requested = True
        self.loop.train(2)
        self.assertEqual(self.loop.step, 2)
