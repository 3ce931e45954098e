"""Bugs that the checks of suites/trainer/networks.py are meant for."""

import torch
from torch import nn

from ...loops.gan import GANTrainer, adam
from ...seeding import gan_bug

HOLDS = "test_each_optimizer_holds_its_own_networks"
CHANGES = "test_steps_change_their_own_networks_only"
TRAINED = "test_every_network_is_trained"


def both(trainer) -> nn.ParameterList:
    return nn.ParameterList(trainer.model.parameters())


@gan_bug(HOLDS, r"d_optimizer holds generator\.0\.weight \(6 parameters of generator\)")
class DiscriminatorsOptimizerHoldsBoth(GANTrainer):
    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        self.d_optimizer = adam(both(self))


@gan_bug(HOLDS, r"g_optimizer does not hold generator\.0\.weight.*Of which network")
class OptimizersGivenTheSameNetwork(GANTrainer):
    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        self.g_optimizer = adam(self.discriminator)


@gan_bug(CHANGES, r"A step of d_optimizer changes generator; .*parameters of both")
class DiscriminatorsStepMovesTheGenerator(GANTrainer):
    """The seed of many: one optimizer that was made from all parameters."""

    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        self.d_optimizer = adam(both(self))

    def step_of_discriminator(self, images, fakes):
        self.d_optimizer.zero_grad()
        self.check(self.loss(self.discriminator(images), 1)).backward()
        self.check(self.loss(self.discriminator(fakes), 0)).backward(retain_graph=True)
        self.d_optimizer.step()

    def step_of_generator(self, fakes):
        super().step_of_generator(self.generator(self.noise(len(fakes))))


@gan_bug(CHANGES, r"A step of g_optimizer changes discriminator")
class GeneratorsStepMovesTheDiscriminator(GANTrainer):
    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        self.g_optimizer = torch.optim.SGD(both(self), lr=0.01)


@gan_bug(TRAINED, r"generator did not change in 2 epochs.*g_optimizer\.step\(\) called")
class GeneratorNeverSteps(GANTrainer):
    def step_of_generator(self, fakes):
        self.g_optimizer.zero_grad()
        self.check(self.loss(self.discriminator(fakes), 1)).backward()


@gan_bug(TRAINED, r"generator did not change in 2 epochs.*backward pass that reaches it")
class GeneratorGetsNoGradient(GANTrainer):
    def step_of_generator(self, fakes):
        super().step_of_generator(fakes.detach())


@gan_bug(TRAINED, r"discriminator did not change")
class DiscriminatorNeverSteps(GANTrainer):
    def step_of_discriminator(self, images, fakes):
        self.d_optimizer.zero_grad()
        self.check(self.loss(self.discriminator(images), 1)).backward()
        self.check(self.loss(self.discriminator(fakes.detach()), 0)).backward()
