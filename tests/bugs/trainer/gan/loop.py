"""Bugs in the loop of a GAN that the checks of any trainer are meant for."""

import torch
from torch.utils.data import DataLoader

from ....loops.gan import GANTrainer
from ....seeding import gan_bug

GRADIENT = "test_steps_follow_the_gradient_of_the_loss"
BY_HAND = "test_steps_are_those_of_the_optimizer"


@gan_bug(GRADIENT, r"In step 2 of d_optimizer, .*zero_grad\(\) missing")
class DiscriminatorsGradientsNotCleared(GANTrainer):
    def step_of_discriminator(self, images, fakes):
        self.check(self.loss(self.discriminator(images), 1)).backward()
        self.check(self.loss(self.discriminator(fakes.detach()), 0)).backward()
        self.d_optimizer.step()


@gan_bug(
    GRADIENT,
    r"In step 3 of g_optimizer, .*zero_grad\(\) missing",
    source="reported: GenerativeModels#102, smartnoise-sdk#280",
)
class GeneratorsGradientsNotCleared(GANTrainer):
    def step_of_generator(self, fakes):
        self.check(self.loss(self.discriminator(fakes), 1)).backward()
        self.g_optimizer.step()


@gan_bug(GRADIENT, r"In step 0 of d_optimizer, .*zero_grad\(\) missing or misplaced")
class ClearedBetweenRealAndFake(GANTrainer):
    """Only what is said of the fakes is left."""

    def step_of_discriminator(self, images, fakes):
        self.check(self.loss(self.discriminator(images), 1)).backward()
        self.d_optimizer.zero_grad()
        self.check(self.loss(self.discriminator(fakes.detach()), 0)).backward()
        self.d_optimizer.step()


@gan_bug(GRADIENT, r"In step 2 of d_optimizer, .*misplaced")
class ClearedAfterTheStep(GANTrainer):
    """The generator's pass leaves its gradients in the discriminator."""

    def step_of_discriminator(self, images, fakes):
        self.check(self.loss(self.discriminator(images), 1)).backward()
        self.check(self.loss(self.discriminator(fakes.detach()), 0)).backward()
        self.d_optimizer.step()
        self.d_optimizer.zero_grad()


@gan_bug(GRADIENT, r"In step 1 of g_optimizer, .*misplaced")
class FakesNotDetached(GANTrainer):
    """The generator is trained to help the discriminator as well."""

    def train_step(self, images):
        self.g_optimizer.zero_grad()
        super().train_step(images)

    def step_of_discriminator(self, images, fakes):
        self.d_optimizer.zero_grad()
        self.check(self.loss(self.discriminator(images), 1)).backward()
        self.check(self.loss(self.discriminator(fakes), 0)).backward(retain_graph=True)
        self.d_optimizer.step()

    def step_of_generator(self, fakes):
        fooled = self.discriminator(self.generator(self.noise(len(fakes))))
        self.check(self.loss(fooled, 1)).backward()
        self.g_optimizer.step()


@gan_bug(BY_HAND, r"After \d steps, generator\.0\.weight is not .*changed elsewhere")
class GeneratorClamped(GANTrainer):
    """What is meant for the discriminator of a Wasserstein GAN."""

    def step_of_generator(self, fakes):
        super().step_of_generator(fakes)
        with torch.no_grad():
            for weight in self.generator.parameters():
                weight.clamp_(-0.05, 0.05)


@gan_bug("test_trains_in_training_mode", r"In step \d of \d+ the model, or a layer of it, is in")
class GeneratorLeftInEvalMode(GANTrainer):
    def generate(self, n):
        with torch.no_grad():
            return self.generator.eval()(self.fixed_noise[:n].to(self.device))

    def train(self, epochs):
        for _ in range(epochs):
            super().train(1)
            self.model.train = lambda mode=True: self.model
            self.generate(2)
        del self.model.train


@gan_bug("test_every_epoch_has_its_own_order", r"the same order.*shuffle missing")
class RealImagesNotShuffled(GANTrainer):
    def new_loader(self, dataset, batch_size):
        return DataLoader(dataset, batch_size)


@gan_bug("test_resumed_run_equals_uninterrupted_run", r"in d_optimizer's state of parameter 0")
class DiscriminatorsOptimizerNotRestored(GANTrainer):
    def parts(self):
        return self.model, self.g_optimizer


@gan_bug("test_keeps_no_graph", r"the graphs of \d+ losses are still there")
class KeepsItsLosses(GANTrainer):
    def check(self, loss):
        self.history["d"].append(loss)
        return super().check(loss)


@gan_bug("test_loss_that_is_not_finite_stops_training", r"went on with a loss that is nan")
class GoesOnWithNaN(GANTrainer):
    def check(self, loss):
        return loss
