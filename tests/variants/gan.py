"""Correct but unusual loops of GANs, on which no check may fail."""

import torch
import torch.nn.functional as F

from ..loops.gan import AveragesGenerator, GANTrainer
from ..varying import gan


@gan()
class PlainGAN(GANTrainer):
    """As it is."""


@gan(passes={})
class PassesNotDeclared(GANTrainer):
    """Which of the passes count is taken from where gradients are cleared."""


@gan(passes={"d_optimizer": 1, "g_optimizer": 1})
class GeneratorFirst(GANTrainer):
    """Both in one backward pass of the discriminator, after the generator's step."""

    def train_step(self, images):
        fakes = self.generator(self.noise(len(images)))
        self.step_of_generator(fakes)
        self.step_of_discriminator(images, fakes)

    def step_of_discriminator(self, images, fakes):
        self.d_optimizer.zero_grad()
        real, fake = self.discriminator(images), self.discriminator(fakes.detach())
        self.check((self.loss(real, 1) + self.loss(fake, 0)) / 2).backward()
        self.d_optimizer.step()


@gan(passes={"d_optimizer": 1, "g_optimizer": 1})
class OneBatchOfBoth(GANTrainer):
    """Real and generated images go through the discriminator in one batch."""

    def step_of_discriminator(self, images, fakes):
        self.d_optimizer.zero_grad()
        logits = self.discriminator(torch.cat([images, fakes.detach()]))
        labels = torch.cat([torch.ones(len(images), 1), torch.zeros(len(fakes), 1)]).to(logits)
        self.check(F.binary_cross_entropy_with_logits(logits, labels)).backward()
        self.d_optimizer.step()


@gan()
class LeastSquares(GANTrainer):
    """See Mao et al., "Least Squares Generative Adversarial Networks" (2017)."""

    def loss(self, logits, label):
        return (logits - label).square().mean()


@gan()
class LabelsTurned(GANTrainer):
    """Real images have the label 0."""

    def loss(self, logits, label):
        return super().loss(logits, 1 - label)


@gan(passes={"d_optimizer": 1, "g_optimizer": 1})
class Wasserstein(GANTrainer):
    """See Arjovsky et al., "Wasserstein GAN" (2017), with a penalty on the gradient."""

    def step_of_discriminator(self, images, fakes):
        self.d_optimizer.zero_grad()
        real, fake = self.discriminator(images), self.discriminator(fakes.detach())
        mixed = (images + fakes.detach()).div(2).requires_grad_()
        (slope,) = torch.autograd.grad(self.discriminator(mixed).sum(), mixed, create_graph=True)
        penalty = (slope.flatten(1).norm(dim=1) - 1).square().mean()
        self.check(fake.mean() - real.mean() + 10 * penalty).backward()
        self.d_optimizer.step()

    def step_of_generator(self, fakes):
        self.g_optimizer.zero_grad()
        self.check(-self.discriminator(fakes).mean()).backward()
        self.g_optimizer.step()


@gan(passes={"d_optimizer": 2})
class OneSidedLabels(GANTrainer):
    """Real images have the label 0.9; see Salimans et al. (2016)."""

    def loss(self, logits, label):
        return super().loss(logits, 0.9 * label)


@gan()
class OneBackwardForBothHalves(GANTrainer):
    """Though two passes are declared, as there were before."""

    def step_of_discriminator(self, images, fakes):
        self.d_optimizer.zero_grad()
        real, fake = self.discriminator(images), self.discriminator(fakes.detach())
        self.check(self.loss(real, 1) + self.loss(fake, 0)).backward()
        self.d_optimizer.step()


@gan()
class GeneratesFromAnAverage(AveragesGenerator):
    """Which nothing declares."""
