"""Tests of the models: each network alone, as the suites see one, and what belongs to both."""

import re
import unittest

import torch

from {{ cookiecutter.__package_name }}.model import CNNGAN, MLPGAN

from tests.suites import AbstractTestModel


class TestMLPGenerator(unittest.TestCase, AbstractTestModel):
    output_range = (-1, 1)
    output_shape = (4, 1, 16, 16)

    def setUp(self):
        self.test_inputs = torch.randn(4, 8)
        net = MLPGAN(image_shape=(1, 16, 16), latent_dim=8, hidden_dims=(64, 128))
        self.net = net.generator


class TestMLPDiscriminator(unittest.TestCase, AbstractTestModel):
    output_shape = (4,)

    def setUp(self):
        self.test_inputs = torch.randn(4, 1, 16, 16)
        net = MLPGAN(image_shape=(1, 16, 16), latent_dim=8, hidden_dims=(64, 128))
        self.net = net.discriminator


class TestCNNGenerator(unittest.TestCase, AbstractTestModel):
    output_range = (-1, 1)
    output_shape = (4, 1, 32, 32)

    def setUp(self):
        self.test_inputs = torch.randn(4, 8)
        self.net = CNNGAN(image_shape=(1, 32, 32), latent_dim=8).generator


class TestCNNDiscriminator(unittest.TestCase, AbstractTestModel):
    output_shape = (4,)

    def setUp(self):
        self.test_inputs = torch.randn(4, 1, 32, 32)
        self.net = CNNGAN(image_shape=(1, 32, 32), latent_dim=8).discriminator


class TestGAN(unittest.TestCase):
    def test_generates_what_the_discriminator_takes(self):
        """A code becomes an image of the shape that was asked for, and the image a logit."""
        for network in (MLPGAN, CNNGAN):
            for shape in ((1, 8, 8), (3, 16, 24)):
                with self.subTest(network=network.__name__, shape=shape):
                    model = network(image_shape=shape, latent_dim=2)
                    images = model(torch.randn(5, 2))
                    self.assertEqual(images.shape, (5, *shape))
                    self.assertEqual(model.discriminator(images).shape, (5,))

    def test_discriminators_give_logits(self):
        """No last activation keeps them within bounds: the loss has it already."""
        for network in (MLPGAN, CNNGAN):
            discriminator = network(image_shape=(1, 8, 8), latent_dim=2).discriminator.eval()
            found = discriminator(1e6 * torch.randn(4, 1, 8, 8)).abs().max().item()
            with self.subTest(network=network.__name__):
                message = f"Of huge inputs, it is at most {found:.3g}. Is there a sigmoid or tanh?"
                self.assertGreater(found, 1.0, message)

    def test_networks_share_no_weights(self):
        """Each optimizer trains a network of its own."""
        for network in (MLPGAN, CNNGAN):
            model = network(image_shape=(1, 8, 8), latent_dim=2)
            generator = {id(weight) for weight in model.generator.parameters()}
            discriminator = {id(weight) for weight in model.discriminator.parameters()}
            with self.subTest(network=network.__name__):
                self.assertFalse(generator & discriminator)
                self.assertEqual(len([*model.parameters()]), len(generator | discriminator))

    def test_latent_codes_have_at_least_one_dimension(self):
        """A code without a dimension is refused."""
        with self.assertRaisesRegex(ValueError, "^latent_dim is 0, but must be at least 1.$"):
            MLPGAN(image_shape=(1, 8, 8), latent_dim=0)
        self.assertEqual(MLPGAN(image_shape=(1, 8, 8), latent_dim=1).latent_dim, 1)

    def test_images_can_be_halved_three_times(self):
        """The convolutional networks refuse other sizes."""
        for shape in ((1, 28, 32), (1, 32, 28)):
            message = re.escape(
                f"image_shape is {shape}, but height and width must be multiples of 8."
            )
            with self.subTest(shape=shape), self.assertRaisesRegex(ValueError, message):
                CNNGAN(image_shape=shape, latent_dim=1)
