"""Tests of the trainer, on one batch of the sample of MNIST."""

import copy
import math
import types
import unittest
from unittest import mock

import torch
from torch import nn
from torch.utils.data import Subset
from torchvision.utils import make_grid

from {{ cookiecutter.__package_name }}.dataset import SAMPLE_ROOT, MyMNIST
from {{ cookiecutter.__package_name }}.model import MLPVAE, VAE
from {{ cookiecutter.__package_name }}.trainer import Trainer

from tests.suites import AbstractTestVAETrainer


def adam(model: nn.Module) -> torch.optim.Optimizer:
    return torch.optim.Adam(model.parameters(), lr=4e-3, fused=True)  # fused: a third faster


class TestTrainer(unittest.TestCase, AbstractTestVAETrainer):
    distributed = True
    data: MyMNIST
    new_model: MLPVAE

    @classmethod
    def setUpClass(cls):
        cls.data = MyMNIST(SAMPLE_ROOT)
        # A small network, which is trained faster.
        cls.new_model = MLPVAE(input_shape=(1, 32, 32), bottleneck_dim=16, hidden_dims=(128, 64))

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
            num_generated_images=min(2, len(data.test_data)),
            scheduler=make_scheduler(optimizer) if make_scheduler else None,
            **{"save_checkpoints": False, **settings},
        )

    def setUp(self):
        batch = Subset(self.data.test_data, range(4))
        data = types.SimpleNamespace(train_data=batch, test_data=batch)
        model = copy.deepcopy(self.new_model)  # faster than drawing new weights
        self.trainer = self.new_trainer(model, data, batch_size=4)

    def tearDown(self):
        if "summary" in vars(self.trainer):  # the writer is made when it is first needed
            self.trainer.summary.close()

    def test_elbo_of_a_model_worked_out_by_hand(self):
        """The ELBO of a model that always returns the same is the one worked out by hand."""
        self.trainer.model = ConstantVAE()
        images = torch.stack([image for image, _ in self.trainer.data.test_data])
        error = (images - OUTPUT).square().sum().item() / len(images)
        kl_divergence = (MU**2 + math.exp(2 * LOG_SIGMA) - 1) / 2 - LOG_SIGMA
        expected = -error - 1024 / 2 * math.log(math.pi) - CODE * kl_divergence
        found = self.trainer.elbo()
        message = f"elbo() is {found:.2f}; -error - D / 2 * log(pi) - KL is {expected:.2f}"
        self.assertAlmostEqual(found, expected, msg=message, delta=1e-5 * abs(expected))
        codes = self.trainer.model.latent_code
        message = (
            "elbo() decodes one code for several images. Does it skip model.bottleneck, or does "
            "bottleneck() return mu in eval mode, in which elbo() runs it?"
        )
        self.assertEqual(codes.unique().numel(), codes.numel(), message)

    def test_prior_samples_come_from_the_prior(self):
        """sample_prior decodes different codes from N(0, 1), the same ones at every call."""
        self.trainer.model = ConstantVAE()
        self.assertEqual(self.trainer.sample_prior(100).shape, (100, 1, 32, 32))
        codes = self.trainer.model.latent_code
        # Of 300 normal values, the mean lies beyond 0.25 and the spread beyond 0.2 in fewer than
        # one of 10,000 seeds.
        self.assertLess(codes.mean().abs(), 0.25, "The codes are not centred on 0.")
        self.assertLess((codes.std() - 1).abs(), 0.2, "The codes do not have a spread of 1.")
        self.assertEqual(codes.unique().numel(), 300, "Some codes are the same.")
        self.trainer.sample_prior(100)
        torch.testing.assert_close(self.trainer.model.latent_code, codes)

    def test_logs_all_that_is_to_be_looked_at(self):
        """Every epoch logs the ELBO, reconstructions and prior samples."""
        scalars, images = self.calls_of("add_scalar"), self.calls_of("add_image")
        self.trainer.train(2)
        elbos = [(step, value) for tag, value, step in scalars if tag == "test/elbo"]
        self.assertEqual([step for step, _ in elbos], [0, 1])
        self.assertEqual(elbos[1][1], self.trainer.elbo())
        self.assertEqual(
            [(tag, step) for tag, _, step in images],
            [(tag, step) for step in (0, 1) for tag in ("test/0", "test/1", "test/prior_samples")],
        )
        pair = (self.trainer.generate(2)[0] + 1) / 2  # (1, 32, 64)
        torch.testing.assert_close(images[-3][1][..., :32], pair[..., :32])
        torch.testing.assert_close(images[-3][1][..., -32:], pair[..., 32:])
        expected = make_grid((self.trainer.sample_prior(2) + 1) / 2)
        torch.testing.assert_close(images[-1][1], expected)

    def test_logs_test_losses_that_compare_with_those_of_training(self):
        """Drawn codes, and the last step of the epoch: the same quantities on the same axis."""
        self.trainer = self.new_trainer(self.trainer.model, self.trainer.data, batch_size=2)
        scalars = self.calls_of("add_scalar")
        self.trainer.train(2)
        for name, expected in self.trainer.test_losses().items():
            found = [(value, step) for tag, value, step in scalars if tag == f"test/{name}"]
            self.assertEqual([step for _, step in found], [1, 3])  # of two steps an epoch
            self.assertEqual(found[1][0], expected)
        losses = self.trainer.test_losses()
        constant = 1024 / 2 * math.log(math.pi)
        found, expected = sum(losses.values()), -self.trainer.elbo() - constant
        self.assertAlmostEqual(found, expected, delta=1e-4 * expected)
        self.assertNotAlmostEqual(losses["recon_loss"], self.trainer.eval(), places=3)

    def calls_of(self, name: str) -> list[tuple]:
        """The arguments of all calls of a method of the TensorBoard writer from now on."""
        calls: list[tuple] = []
        patch = mock.patch.object(self.trainer.summary, name, lambda *call: calls.append(call))
        patch.start()
        self.addCleanup(patch.stop)
        return calls

    def test_number_of_images_is_checked(self):
        """generate(n) takes 0 up to the number of test images."""
        for n in (-1, 5):
            message = f"^n is {n}, but there are 4 test images.$"
            with self.subTest(n=n), self.assertRaisesRegex(ValueError, message):
                self.trainer.generate(n)
        self.assertEqual([len(self.trainer.generate(n)) for n in (0, 1, 4)], [0, 1, 4])


MU, LOG_SIGMA, OUTPUT, CODE = 0.5, -1.0, 0.25, 3


class ConstantVAE(VAE):
    """Has the same posterior and the same output for every image."""

    def __init__(self):
        super().__init__(CODE)

    def encode(self, inputs):
        mu = torch.full((len(inputs), CODE), MU)
        return mu, torch.full_like(mu, LOG_SIGMA)

    def decode(self, latent_code):
        self.latent_code = latent_code
        return torch.full((len(latent_code), 1, 32, 32), OUTPUT)
