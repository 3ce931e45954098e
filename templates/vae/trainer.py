"""What a variational autoencoder adds to the training loop: its loss, its evaluation, its pictures.

The model has `encode`, `bottleneck` and `decode`; a sample of the data starts with an image.
"""

from pathlib import Path

import torch
from torch import Tensor, nn

from .evaluation import evaluating, means_over
from .loop import Loop
from .objective import evidence_lower_bound, kl_divergence, squared_error
from .pictures import first_inputs, log_pictures, prior_codes
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
        return self.model.decode(self.model.encode(images)[0])

    def eval(self) -> float:
        """Mean reconstruction loss per test image, from the means of the posteriors.

        It may rise early on though nothing is wrong: READING in report.py says why.
        """
        return self.mean_over_test_data(
            lambda batch: squared_error(self.reconstruct(batch[0]), batch[0]) / len(batch[0])
        )

    def test_losses(self) -> dict[str, float]:
        """The losses per test image, of codes drawn as in training, the same ones at every call."""
        what = self.test_loader, self.losses, self.weight_of, self.model, self.device
        with fixed_noise(self.device):
            return means_over(*what)

    def elbo(self, losses: dict[str, float] | None = None) -> float:
        """Mean evidence lower bound per test image, in nats, of one drawn code an image.

        losses: the test_losses, where they are known already.
        """
        losses = self.test_losses() if losses is None else losses
        values = first_inputs(self.data.test_data, 1).numel()
        return evidence_lower_bound(losses["recon_loss"], losses["kl_div_loss"], values)

    def log_evaluation(self) -> None:
        """Logs the test loss, the losses that compare with those of training, ELBO and pictures."""
        super().log_evaluation()
        losses = self.test_losses()
        for name, value in losses.items():  # at the step, as those of training
            self.summary.add_scalar(f"test/{name}", value, self.step - 1)
        self.summary.add_scalar("test/elbo", self.elbo(losses), self.epoch)
        if n := self.num_generated_images:
            log_pictures(self.summary, self.generate(n), self.sample_prior(n), self.epoch)

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
