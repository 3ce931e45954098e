"""Bugs that the checks of suites/trainer/gan/adversaries.py are meant for."""

import torch

from ....loops.gan import GANTrainer
from ....seeding import gan_bug

APART = "test_discriminator_is_pulled_apart"
AGAINST = "test_generator_pulls_against_the_discriminator"
NOISE = "test_noise_is_drawn_anew"
GENERATES = "test_generates_samples"


@gan_bug(APART, r"has the gradient .* on real samples and .* same label")
class FakesLabelledAsReal(GANTrainer):
    def step_of_discriminator(self, images, fakes):
        self.d_optimizer.zero_grad()
        self.check(self.loss(self.discriminator(images), 1)).backward()
        self.check(self.loss(self.discriminator(fakes.detach()), 1)).backward()
        self.d_optimizer.step()


@gan_bug(APART, r"never called with training samples.*anything but fakes")
class NeverShownRealImages(GANTrainer):
    def step_of_discriminator(self, images, fakes):
        super().step_of_discriminator(torch.zeros_like(images), fakes)


@gan_bug(AGAINST, r"gradient .* in the discriminator's it has .*label of fakes")
class GeneratorTrainedWithTheLabelOfFakes(GANTrainer):
    def step_of_generator(self, fakes):
        self.g_optimizer.zero_grad()
        self.check(self.loss(self.discriminator(fakes), 0)).backward()
        self.g_optimizer.step()


@gan_bug(AGAINST, r"a sign wrong")
class LabelsTurnedInTheDiscriminatorOnly(GANTrainer):
    def step_of_discriminator(self, images, fakes):
        self.d_optimizer.zero_grad()
        self.check(self.loss(self.discriminator(images), 0)).backward()
        self.check(self.loss(self.discriminator(fakes.detach()), 1)).backward()
        self.d_optimizer.step()


@gan_bug(NOISE, r"22 rows of noise, of which 4 are different.*fixed noise for pictures")
class TrainsWithTheFixedNoise(GANTrainer):
    def noise(self, size):
        return self.fixed_noise[:size].to(self.device)


@gan_bug(NOISE, r"22 rows of noise, of which 6 are different.*expanded to a batch")
class OneRowOfNoise(GANTrainer):
    def noise(self, size):
        return super().noise(1).expand(size, -1)


@gan_bug(GENERATES, r"returns a tensor with a graph")
class SamplesWithGraph(GANTrainer):
    def generate(self, n):
        self.generator.eval()
        return self.generator(self.fixed_noise[:n])


@gan_bug(GENERATES, r"the same sample twice.*noise expanded")
class OneSampleRepeated(GANTrainer):
    def generate(self, n):
        return super().generate(1).expand(n, -1, -1, -1)


@gan_bug(APART, r"never called with generated samples.*anything but real ones")
class NeverShownFakes(GANTrainer):
    """Only the generator's loss sees them."""

    def step_of_discriminator(self, images, fakes):
        self.d_optimizer.zero_grad()
        self.check(self.loss(self.discriminator(images), 1)).backward()
        self.d_optimizer.step()
