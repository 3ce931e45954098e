"""Tests of the trainer, on one batch of the sample of MNIST."""

import copy
import math
import types
import unittest
from functools import partial
from unittest import mock

import torch
from torch import nn
from torchvision.utils import make_grid

from {{ cookiecutter.__package_name }}.dataset import SAMPLE_ROOT, MyMNIST
from {{ cookiecutter.__package_name }}.model import GAN, MLPGAN
from {{ cookiecutter.__package_name }}.quality import figures_of
from {{ cookiecutter.__package_name }}.trainer import Trainer

from tests.suites import AbstractTestGANTrainer


def adam(network: nn.Module) -> torch.optim.Optimizer:
    return torch.optim.Adam(network.parameters(), lr=1e-3, betas=(0.5, 0.999), fused=True)


class TestTrainer(unittest.TestCase, AbstractTestGANTrainer):
    updates = {
        "generator_optimizer": ("generator",),
        "discriminator_optimizer": ("discriminator",),
    }
    loss_tags = ("train/discriminator_loss", "train/generator_loss")
    eval_tag = "test/accuracy"
    distributed = True
    samples: list[tuple]
    new_model: MLPGAN

    @classmethod
    def setUpClass(cls):
        cls.samples = MyMNIST(SAMPLE_ROOT).test_data.__getitems__([0, 1, 2, 3])
        # A small network, which is trained faster.
        cls.new_model = MLPGAN(image_shape=(1, 8, 8), latent_dim=8, hidden_dims=(64, 128))

    def new_trainer(
        self, model, data, *, batch_size, device="cpu", make_optimizer=adam, make_scheduler=None,
        **settings,
    ):  # fmt: skip
        """How every trainer in these tests is built."""
        optimizers = make_optimizer(model.generator), make_optimizer(model.discriminator)
        return Trainer(
            model,
            data,
            *optimizers,
            batch_size,
            device,
            log_dir=self.new_folder(),
            num_generated_images=2,
            schedulers=tuple(map(make_scheduler or (lambda _: None), optimizers)),
            **{"save_checkpoints": False, **settings},
        )

    def setUp(self):
        batch = [(image[:, ::4, ::4], label) for image, label in self.samples]  # smaller, so faster
        data = types.SimpleNamespace(train_data=batch, test_data=batch)
        model = copy.deepcopy(self.new_model)  # faster than drawing new weights
        self.trainer = self.new_trainer(model, data, batch_size=4)

    def tearDown(self):
        if "summary" in vars(self.trainer):  # the writer is made when it is first needed
            self.trainer.summary.close()

    def test_figures_worked_out_by_hand(self):
        """In how many pairs the real image is found more real, and how far images are apart."""
        split = [(torch.full((1, 1, 1), value), 0) for value in (-1.0, 0.0, 1.0, 1.0)]
        data = types.SimpleNamespace(train_data=split, test_data=split)
        distances = {4: (1 + 1 + 0 + 4) / 4, 2: (1 + 1 + 0 + 0) / 4}  # of the test images
        for batch_size, distance in distances.items():
            settings = {"batch_size": batch_size, "make_optimizer": sgd}
            # Of the four pairs, the first is wrong, the second even, and the last two are right.
            trainer = self.new_trainer(KnownGAN([0.4, 0.0, 0.4, 0.0]), data, **settings)
            with self.subTest(batch_size=batch_size):
                found = figures_of(trainer)
                self.assertEqual([*found], ["test/accuracy", "test/variety"])
                self.assertAlmostEqual(found["test/accuracy"], 2.5 / 4, places=6)
                self.assertAlmostEqual(found["test/variety"], 0.4**2 / distance, places=5)
                self.assertEqual(trainer.eval(), found["test/accuracy"])

    def test_logs_all_that_is_to_be_looked_at(self):
        """Every step logs both losses and norms, every epoch the figures and the same codes."""
        scalars, images = self.calls_of("add_scalar"), self.calls_of("add_image")
        self.trainer.train(2)
        for name in ("discriminator", "generator"):
            norms = [(s, x) for tag, x, s in scalars if tag == f"train/{name}_grad_norm"]
            self.assertEqual([step for step, _ in norms], [0, 1])
            self.assertTrue(all(norm > 0 for _, norm in norms))
        gradients = [weight.grad for weight in self.trainer.model.generator.parameters()]
        norm = nn.utils.get_total_norm(gradients).item()  # not clipped, unless that is asked for
        self.assertAlmostEqual(norms[1][1], norm, places=4)
        for name, value in figures_of(self.trainer).items():
            found = [(step, x) for tag, x, step in scalars if tag == name]
            self.assertEqual([step for step, _ in found], [0, 1], name)
            self.assertEqual(found[1][1], value, name)
        found = [(tag, step) for tag, _, step in images]
        self.assertEqual(found, [("test/samples", 0), ("test/samples", 1)])
        expected = make_grid((self.trainer.generate(2) + 1) / 2, 8)
        torch.testing.assert_close(images[1][1], expected)

    def test_layers_are_logged_with_the_step_of_their_network(self):
        """Each layer once, though two optimizers take a step."""
        scalars = self.calls_of("add_scalar")
        self.trainer.train(1)
        layers = [name for name, w in self.trainer.model.named_parameters() if w.dim() > 1]
        found = [tag.removeprefix("weights/update/") for tag, *_ in scalars if "/update/" in tag]
        self.assertCountEqual(found, layers)

    def test_generates_from_the_same_codes(self):
        """Pictures of different epochs compare, whatever was drawn in between."""
        images = self.trainer.generate(3)
        torch.rand(1)
        self.assertTrue(torch.equal(self.trainer.generate(3), images))
        self.assertEqual(images.shape, (3, 1, 8, 8))
        self.assertEqual(len(self.trainer.generate(0)), 0)

    def test_keeps_samples_of_some_epochs(self):
        """Those after 1, 2, 4, 8 epochs, and after the last one; a resumed run has them as well."""
        samples = self.trainer.samples
        for epochs in range(1, 11):
            samples.add(epochs, torch.full((9, 1, 2, 2), epochs / 10))
        self.assertEqual([*samples.rows], [1, 2, 4, 8, 10])
        rows = samples.images().view(5, 8, 4)
        for epochs, row in zip(samples.rows, rows, strict=True):
            expected = torch.full_like(row, (epochs / 10 + 1) / 2)  # from [-1, 1] to [0, 1]
            torch.testing.assert_close(row, expected, rtol=0, atol=1 / 255)
        path = self.trainer.log_dir / "checkpoint.pt"
        self.trainer.save(path)
        other = self.new_trainer(copy.deepcopy(self.new_model), self.trainer.data, batch_size=4)
        other.load(path)
        self.assertEqual([*other.samples.rows], [1, 2, 4, 8, 10])
        self.assertTrue(torch.equal(other.samples.images(), samples.images()))
        other.samples.add(2, torch.zeros(8, 1, 2, 2))  # a run that goes on from an earlier epoch
        self.assertEqual([*other.samples.rows], [1, 2])

    def test_generator_is_left_alone_by_the_other_loss(self):
        """The discriminator's loss has no gradient in it: it would be computed for nothing."""
        images = torch.stack([image for image, _ in self.trainer.data.train_data])
        losses = self.trainer.discriminator_losses((images, self.trainer.model.draw_codes(4)))
        losses["discriminator_loss"].backward()
        for name, weight in self.trainer.model.generator.named_parameters():
            message = f"generator.{name} has a gradient of it. Is detach() missing?"
            self.assertIsNone(weight.grad, message)

    def test_parts_of_a_batch_come_to_the_same(self):
        """Codes are drawn for a whole batch, so that its parts have the same ones."""
        expected = self.losses_of_two_steps(batch_parts=1)
        for parts in (2, 3):
            found = self.losses_of_two_steps(batch_parts=parts)
            torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)

    def losses_of_two_steps(self, **settings) -> torch.Tensor:
        model = copy.deepcopy(self.new_model)
        data = self.trainer.data
        self.trainer = self.new_trainer(model, data, batch_size=4, make_optimizer=sgd, **settings)
        scalars = self.calls_of("add_scalar")
        torch.manual_seed(0)
        self.trainer.train(2)
        return torch.tensor([x for tag, x, _ in scalars if tag in self.loss_tags])

    def test_what_is_not_finite_is_named(self):
        """The error says where it happened and whose loss it was; nothing has changed before."""
        for name, weights in (("discriminator", "discriminator.1"), ("generator", "generator.0")):
            model = copy.deepcopy(self.new_model)
            trainer = self.new_trainer(model, self.trainer.data, batch_size=4, make_optimizer=sgd)
            text = "discriminator loss nan"  # which is shown what a generator makes of its weights
            with torch.no_grad():
                model.get_submodule(weights).bias[0] = math.nan
            before = copy.deepcopy(model.state_dict())
            message = f"^not finite in epoch 0, step 0: {text}$"
            with self.subTest(name=name), self.assertRaisesRegex(FloatingPointError, message):
                trainer.train(1)
            for key, value in model.state_dict().items():
                torch.testing.assert_close(value, before[key], equal_nan=True, rtol=0, atol=0)

    def test_a_checkpoint_has_all_that_a_run_goes_on_from(self):
        """Both optimizers and both schedulers; under another name, an earlier run has none."""
        decay = partial(torch.optim.lr_scheduler.ExponentialLR, gamma=0.5)
        trainer = self.new_trainer(
            self.trainer.model, self.trainer.data, batch_size=4, make_scheduler=decay
        )
        two = ("generator", "discriminator")
        parts = {f"{name}_{part}" for name in two for part in ("optimizer", "scheduler")}
        parts |= {"model", "samples", "scaler", "loader", "random_states"}
        self.assertEqual({*trainer.state_dict()}, parts | {"epoch", "step", "description"})

    def calls_of(self, name: str) -> list[tuple]:
        """The arguments of all calls of a method of the TensorBoard writer from now on."""
        calls: list[tuple] = []
        patch = mock.patch.object(self.trainer.summary, name, lambda *call: calls.append(call))
        patch.start()
        self.addCleanup(patch.stop)
        return calls


def sgd(network: nn.Module) -> torch.optim.Optimizer:
    return torch.optim.SGD(network.parameters(), lr=0.05)


class KnownGAN(GAN):
    """Generates images of one pixel, of given values; the brighter an image, the more real."""

    def __init__(self, values: list[float]):
        super().__init__(latent_dim=1)
        self.values = torch.tensor(values)
        self.generator = Known(lambda codes: self.values[: len(codes)].view(-1, 1, 1, 1))
        self.discriminator = Known(lambda images: images.flatten())


class Known(nn.Module):
    """A function as a module, with a weight, for an optimizer to hold."""

    def __init__(self, function):
        super().__init__()
        self.function = function
        self.weight = nn.Parameter(torch.zeros(1))

    def forward(self, inputs):
        return self.function(inputs)
