"""What a variational autoencoder adds to the training loop: its loss, its evaluation, its pictures.

The model has `encode`, `bottleneck` and `decode`; a sample of the data starts with an image.
"""

import math
from pathlib import Path

import torch
from torch import Tensor, nn
from torchvision.utils import make_grid

from .evaluation import evaluating, first_inputs, prior_codes
from .loop import Loop
from .objective import kl_divergence, squared_error
from .randomness import fixed_noise


class Trainer(Loop):
    """Minimises reconstruction loss plus KL divergence, the negative ELBO. Settings: see Loop."""

    def __init__(
        self,
        model: nn.Module,
        data,
        optimizer: torch.optim.Optimizer,
        batch_size: int,
        device: torch.device | str,
        log_dir: str | Path = "./results",
        num_generated_images: int = 10,
        **settings,
    ):
        super().__init__(model, data, optimizer, batch_size, device, log_dir, **settings)
        self.num_generated_images = num_generated_images

    def losses(self, batch) -> dict[str, Tensor]:
        """Of images (N, C, H, W): reconstruction loss and KL divergence, both per image.

        Both are summed over everything but the batch. Were one of them averaged over pixels or
        latent dimensions, the balance between the two would depend on their number.
        """
        images, *_ = batch
        mu, log_sigma = self.model.encode(images)
        outputs = self.model.decode(self.model.bottleneck(mu, log_sigma))
        # Layers may compute in a lower precision than that of the images; sums must not.
        mu, log_sigma, outputs = mu.to(images), log_sigma.to(images), outputs.to(images)
        return {
            "recon_loss": squared_error(outputs, images) / len(images),
            "kl_div_loss": kl_divergence(log_sigma, mu) / len(images),
        }

    def reconstruct(self, images: Tensor) -> Tensor:
        """Decodes images (N, C, H, W) from the means of their posteriors, without noise."""
        mu, _ = self.model.encode(images)
        return self.model.decode(mu)

    def eval(self) -> float:
        """Mean reconstruction loss per test image."""
        return self.mean_over_test_data(
            lambda batch: squared_error(self.reconstruct(batch[0]), batch[0]) / len(batch[0])
        )

    def elbo(self) -> float:
        """Mean evidence lower bound log p(x) >= E[log p(x|z)] - KL per test image, in nats.

        The expectation is estimated from one latent code an image, the same at every call; p(x|z)
        is a Gaussian of variance 1/2 over the D values of an image as the dataset gives them:
        log p(x|z) = -|x - outputs|^2 - D / 2 * log(pi).
        """

        def elbo(batch) -> Tensor:
            images, *_ = batch
            mu, log_sigma = self.model.encode(images)
            outputs = self.model.decode(self.model.bottleneck(mu, log_sigma))
            log_density = -squared_error(outputs, images) - images.numel() / 2 * math.log(math.pi)
            return (log_density - kl_divergence(log_sigma, mu)) / len(images)

        with fixed_noise(self.device):
            return self.mean_over_test_data(elbo)

    def log_evaluation(self) -> None:
        """Logs test loss, ELBO, the pictures test/<i> and prior samples; pictures in [0, 1]."""
        super().log_evaluation()
        self.summary.add_scalar("test/elbo", self.elbo(), self.epoch)
        if self.num_generated_images:
            for i, image in enumerate(self.generate(self.num_generated_images)):
                self.summary.add_image(f"test/{i}", (image + 1) / 2, self.epoch)
            samples = make_grid((self.sample_prior(self.num_generated_images) + 1) / 2)
            self.summary.add_image("prior_samples", samples, self.epoch)

    def generate(self, n: int) -> Tensor:
        """The first n test images, each with its reconstruction on its right: (n, C, H, 2 * W)."""
        images = first_inputs(self.data.test_data, n).to(self.device)
        with evaluating(self.model):
            return torch.cat([images, self.reconstruct(images)], dim=3) if n else images

    def sample_prior(self, n: int) -> Tensor:
        """n images (n, C, H, W) decoded from latent codes drawn from the prior."""
        with evaluating(self.model):
            mu, _ = self.model.encode(first_inputs(self.data.test_data, 1).to(self.device))
            return self.model.decode(prior_codes(mu, n))
