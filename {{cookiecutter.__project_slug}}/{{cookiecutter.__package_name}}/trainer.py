"""Training of a variational autoencoder: the loss, the loop, evaluation, pictures, checkpoints.

    trainer = Trainer(model, data, optimizer, batch_size=128, device="cpu")
    trainer.train(epochs=10)

The trainer takes finished parts. It works with any model that has `encode`, `bottleneck` and
`decode`, any data with map-style datasets `train_data` and `test_data` of (image, label), and any
optimizer that holds the model's parameters.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader
from torch.utils.tensorboard import SummaryWriter
from tqdm import tqdm


def kl_divergence(log_sigma: Tensor, mu: Tensor) -> Tensor:
    """KL(N(mu, sigma^2) || N(0, 1)) in nats, summed over the batch and the latent dimensions.

    Per dimension: (mu^2 + sigma^2 - 1) / 2 - log(sigma). See Kingma and Welling, "Auto-Encoding
    Variational Bayes" (2014), appendix B.
    """
    return (0.5 * (mu.square() + (2 * log_sigma).exp() - 1) - log_sigma).sum()


class Trainer:
    """Minimises reconstruction loss plus KL divergence, the negative ELBO, per image.

    The reconstruction loss is the squared error summed over an image: up to a constant, the
    negative log-likelihood of a Gaussian with variance 1/2 around the output.

    TensorBoard gets `train/recon_loss`, `train/kl_div_loss` and `train/loss` with every step,
    `test/loss` and the images `test/<i>` with every epoch. Steps and epochs count from 0 and go
    on where the last call of `train` ended. After every epoch a checkpoint replaces the last one.
    """

    def __init__(
        self,
        model: nn.Module,
        data,
        optimizer: torch.optim.Optimizer,
        batch_size: int,
        device: torch.device | str,
        log_dir: str | Path = "./results",
        num_generated_images: int = 10,
        *,
        save_checkpoints: bool = True,
        show_progress: bool = False,
    ):
        self.device = torch.device(device)
        self.model = model.to(self.device)
        self.data = data
        self.optimizer = optimizer
        self.batch_size = batch_size
        self.num_generated_images = num_generated_images
        self.summary = SummaryWriter(str(log_dir))
        self.checkpoint_path = Path(log_dir) / "checkpoint.pt"
        self.save_checkpoints = save_checkpoints
        self.show_progress = show_progress
        self.step = 0  # optimizer steps taken
        self.epoch = 0  # epochs finished
        self.train_loader = DataLoader(data.train_data, batch_size, shuffle=True)
        # A DataLoader draws a seed each time it is iterated. With a generator of its own,
        # evaluation leaves the global random state, and with it the training run, as it was.
        self.test_loader = DataLoader(data.test_data, batch_size, generator=torch.Generator())

    def train(self, epochs: int) -> None:
        """Trains for `epochs` more epochs; evaluates and saves after each of them."""
        total = epochs * len(self.train_loader)
        with tqdm(total=total, unit="step", disable=not self.show_progress) as progress:
            for _ in range(epochs):
                self.model.train()
                for images, _ in self.train_loader:
                    loss = self.train_step(images.to(self.device))
                    progress.set_postfix(epoch=self.epoch, loss=f"{loss:.1f}", refresh=False)
                    progress.update()
                self.log_evaluation()
                self.epoch += 1
                if self.save_checkpoints:
                    self.save(self.checkpoint_path)

    def train_step(self, images: Tensor) -> float:
        """One optimizer step on a batch (N, C, H, W); returns the loss per image before it.

        Raises FloatingPointError, before anything is changed, where the loss is not finite.
        """
        recon_loss, kl_div_loss = self.losses(images)
        loss = recon_loss + kl_div_loss
        if not loss.isfinite():
            raise FloatingPointError(
                f"the loss is not finite in epoch {self.epoch}, step {self.step}: reconstruction "
                f"loss {recon_loss.item():.4g}, KL divergence {kl_div_loss.item():.4g}"
            )
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.summary.add_scalar("train/recon_loss", recon_loss.item(), self.step)
        self.summary.add_scalar("train/kl_div_loss", kl_div_loss.item(), self.step)
        self.summary.add_scalar("train/loss", loss.item(), self.step)
        self.step += 1
        return loss.item()

    def losses(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Reconstruction loss and KL divergence of a batch (N, C, H, W), both per image.

        Both are summed over everything but the batch. Were one of them averaged over pixels or
        latent dimensions, the balance between the two would depend on their number.
        """
        mu, log_sigma = self.model.encode(images)
        latent_code = self.model.bottleneck(mu, log_sigma)
        outputs = self.model.decode(latent_code)
        recon_loss = F.mse_loss(outputs, images, reduction="sum") / len(images)
        kl_div_loss = kl_divergence(log_sigma, mu) / len(images)
        return recon_loss, kl_div_loss

    def eval(self) -> float:
        """Mean reconstruction loss per test image.

        Images are decoded from the mean of the posterior, so that the value has no noise. Sums
        are added up before they are divided, so that it does not depend on the batch size.
        """
        total = 0.0
        with evaluating(self.model):
            for images, _ in self.test_loader:
                images = images.to(self.device)
                total += F.mse_loss(self.reconstruct(images), images, reduction="sum").item()
        return total / len(self.data.test_data)

    def log_evaluation(self) -> None:
        """Logs the test loss and pictures of the first test images."""
        self.summary.add_scalar("test/loss", self.eval(), self.epoch)
        for i, image in enumerate(self.generate(self.num_generated_images)):
            self.summary.add_image(f"test/{i}", (image + 1) / 2, self.epoch)  # to [0, 1]

    def generate(self, n: int) -> Tensor:
        """The first n test images, each with its reconstruction on its right: (n, C, H, 2 * W)."""
        if not 0 <= n <= len(self.data.test_data):
            raise ValueError(f"n is {n}, but there are {len(self.data.test_data)} test images.")
        if n == 0:
            return torch.empty(0)
        images = torch.stack([self.data.test_data[i][0] for i in range(n)]).to(self.device)
        with evaluating(self.model):
            return torch.cat([images, self.reconstruct(images)], dim=3)

    def sample_prior(self, n: int) -> Tensor:
        """n images (n, C, H, W) decoded from latent codes drawn from the prior N(0, 1).

        The codes are the same at every call, so that pictures of different epochs compare.
        """
        image = self.data.test_data[0][0].unsqueeze(0).to(self.device)
        with evaluating(self.model):
            mu, _ = self.model.encode(image)
            generator = torch.Generator().manual_seed(0)
            latent_code = torch.randn(n, *mu.shape[1:], generator=generator)
            return self.model.decode(latent_code.to(mu))

    def reconstruct(self, images: Tensor) -> Tensor:
        """Decodes a batch (N, C, H, W) from the mean of its posterior."""
        mu, _ = self.model.encode(images)
        return self.model.decode(mu)

    def save(self, path: Path) -> None:
        """Writes a checkpoint of state dicts and plain numbers.

        It is written beside its place and then renamed: a run that is killed while it saves
        leaves the previous checkpoint whole. Read it with torch.load(path, weights_only=True).
        """
        checkpoint = {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "epoch": self.epoch,
            "step": self.step,
        }
        temporary = path.with_name(path.name + ".tmp")
        torch.save(checkpoint, temporary)
        os.replace(temporary, path)


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Evaluation mode without gradients; afterwards every submodule is in its own mode again."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for module, training in modes:
            module.training = training
