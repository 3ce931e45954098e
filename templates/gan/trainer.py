"""What a GAN adds to the training loop: steps of two optimizers, its figures, its pictures.

The model has `generator`, `discriminator`, `draw_codes`; a sample of the data starts with an image.
"""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from .evaluation import evaluating
from .loop import Loop
from .objective import discriminator_loss, generator_loss
from .pictures import SamplesOverEpochs, fixed_codes, log_samples
from .quality import figures_of


class Trainer(Loop):
    """Trains a generator and a discriminator against each other. Other settings: see Loop.

    Each optimizer is given the parameters of its own network alone.
    """

    compiled_methods = ("discriminator_losses", "generator_losses")

    def __init__(
        self,
        model: nn.Module,
        data,
        generator_optimizer: Optimizer,
        discriminator_optimizer: Optimizer,
        batch_size: int,
        device: torch.device | str,
        log_dir: str | Path = "./results",
        num_generated_images: int = 64,
        schedulers: tuple[LRScheduler | None, LRScheduler | None] = (None, None),  # of both
        **settings,
    ):
        super().__init__(model, data, None, batch_size, device, log_dir, **settings)
        self.generator_optimizer = generator_optimizer
        self.discriminator_optimizer = discriminator_optimizer
        self.generator_scheduler, self.discriminator_scheduler = schedulers
        self.num_generated_images = num_generated_images
        self.samples = SamplesOverEpochs()

    def train_step(self, batch: Any) -> float:
        """A step of the discriminator, then one of the generator; returns the loss of the first.

        Raises FloatingPointError, before that network changes, where something is not finite.
        """
        images, *_ = batch
        # First the discriminator, so that the generator gets its gradients from one that has just
        # learnt what is wrong with its images. This optimizer has no weight of the generator.
        shown = images, self.model.draw_codes(len(images))
        found = self.take_step(self.discriminator_optimizer, self.discriminator_losses, shown)
        # Then the generator, on new codes. Backward goes through the discriminator, and leaves
        # gradients in it as well: its own next step clears them before it computes others.
        codes = self.model.draw_codes(len(images))
        fooled = self.take_step(self.generator_optimizer, self.generator_losses, codes)
        losses = {"discriminator_loss": found["loss"], "generator_loss": fooled["loss"]}
        norms = {"discriminator_grad_norm": found["grad_norm"]}
        norms["generator_grad_norm"] = fooled["grad_norm"]
        self.log_step({**losses, **norms})
        return found["loss"]

    def discriminator_losses(self, batch: tuple[Tensor, Tensor]) -> dict[str, Tensor]:
        """Of images (N, C, H, W), and latent codes (N, latent_dim) of as many generated ones."""
        images, codes = batch
        # Without detach, backward would go on into the generator, which does not change now.
        generated = self.model.generator(codes).detach()
        real, fake = self.model.discriminator(images), self.model.discriminator(generated)
        # Layers may compute in a lower precision than that of the images; losses must not.
        return {"discriminator_loss": discriminator_loss(real.to(images), fake.to(images))}

    def generator_losses(self, codes: Tensor) -> dict[str, Tensor]:
        """Of latent codes (N, latent_dim), whose images the discriminator is shown."""
        logits = self.model.discriminator(self.model.generator(codes))
        return {"generator_loss": generator_loss(logits.to(codes))}

    def eval(self) -> float:
        """How often the discriminator is right, shown a test image and a generated one."""
        return figures_of(self)["test/accuracy"]

    def log_evaluation(self) -> None:
        """Logs the figures, and images of always the same latent codes."""
        for name, value in figures_of(self).items():
            self.summary.add_scalar(name, value, self.epoch)
        if n := self.num_generated_images:
            self.samples.add(self.epoch + 1, images := self.generate(n))
            log_samples(self.summary, images, self.epoch)

    def generate(self, n: int) -> Tensor:
        """n images (n, C, H, W), of the same latent codes at every call."""
        with evaluating(self.model):
            return self.model.generator(fixed_codes(self.model, n, self.device))

    def parts_with_state(self) -> dict[str, Any]:
        return {"samples": self.samples, **super().parts_with_state()}
