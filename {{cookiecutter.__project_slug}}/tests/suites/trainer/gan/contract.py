# SPDX-License-Identifier: MIT
"""What a test case of a GAN's trainer declares besides."""

from typing import Any

from torch import nn

from ...contract import Required
from ..probing import TrainerProbe


class GANTrainerContract(TrainerProbe):
    """Attributes and hooks of AbstractTestGANTrainer."""

    updates: Any = Required(
        'which optimizer changes which network, as {"g_optimizer": ("generator",), "d_optimizer": '
        '("discriminator",)}'
    )
    # The networks by what they do.
    generator = "generator"
    discriminator = "discriminator"
    loss_tags: tuple[str, ...] = ()
    loss_tag: str | None = None
    eval_tag: str | None = None

    def networks(self, trainer) -> dict[str, nn.Module]:
        """The networks, by name: the children of the model."""
        return dict(self.model_of(trainer).named_children())

    def optimizer_of(self, network: str) -> str:
        """The name of the optimizer that updates a network."""
        return next(name for name, own in self.updates.items() if network in own)
