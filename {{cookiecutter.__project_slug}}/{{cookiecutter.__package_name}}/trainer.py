"""Training of a variational autoencoder: the loss, the loop, evaluation, pictures, checkpoints.

    trainer = Trainer(model, data, optimizer, batch_size=128, device="cpu")
    trainer.train(epochs=10)

The trainer takes finished parts. It works with any model that has `encode`, `bottleneck` and
`decode`, any data with map-style datasets `train_data` and `test_data` of (image, label), and any
optimizer that holds the model's parameters.
"""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import cached_property
from pathlib import Path
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim.lr_scheduler import LRScheduler
from torch.utils.data import DataLoader
from torch.utils.tensorboard import SummaryWriter
from torchvision.utils import make_grid
from tqdm import tqdm

from .checkpoint import load_checkpoint, save_checkpoint
from .distributed import (
    Silent,
    draw_own_random_numbers,
    rank,
    share_buffers,
    share_of,
    summed_number,
    training_loader,
)
from .engine import Engine
from .randomness import fixed_noise, random_state, set_random_state
from .tracking import logged_layers

# Steps between two looks at the single layers, which take about as long as a step.
STEPS_BETWEEN_LAYERS = 100


def kl_divergence(log_sigma: Tensor, mu: Tensor) -> Tensor:
    """KL(N(mu, sigma^2) || N(0, 1)) in nats, summed over the batch and the latent dimensions.

    Per dimension: (mu^2 + sigma^2 - 1) / 2 - log(sigma). See Kingma and Welling, "Auto-Encoding
    Variational Bayes" (2014), appendix B.
    """
    return (0.5 * (mu.square() + (2 * log_sigma).exp() - 1) - log_sigma).sum()


def squared_error(outputs: Tensor, images: Tensor) -> Tensor:
    """Summed over the batch and everything else.

    Up to the constant in `Trainer.elbo`, it is the negative log-likelihood in nats of a Gaussian
    with variance 1/2 around the outputs.
    """
    return F.mse_loss(outputs, images, reduction="sum")


class Trainer:
    """Minimises reconstruction loss plus KL divergence, the negative ELBO, per image.

    TensorBoard gets `train/recon_loss`, `train/kl_div_loss`, `train/loss` and `train/grad_norm`
    with every step, the size of each layer's gradient and update with every hundredth, and with
    every epoch `test/loss`, `test/elbo`, the images `test/<i>` and prior samples. Steps and epochs
    count from 0 and go on where the last call of `train` ended. After every epoch a checkpoint
    replaces the last one.

    A scheduler is stepped after every epoch. Gradients are scaled down to max_grad_norm, if any.
    For precision, batch_parts and compile see Engine; for several processes, distributed.py.
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
        scheduler: LRScheduler | None = None,
        max_grad_norm: float | None = None,
        precision: str = "float32",
        batch_parts: int = 1,
        compile: bool = False,
        save_checkpoints: bool = True,
        show_progress: bool = False,
    ):
        self.device = torch.device(device)
        self.model = model.to(self.device)
        self.data = data
        self.optimizer = optimizer
        self.batch_size = batch_size
        self.log_dir = Path(log_dir)
        self.num_generated_images = num_generated_images
        self.scheduler = scheduler
        self.max_grad_norm = max_grad_norm
        self.save_checkpoints = save_checkpoints
        self.show_progress = show_progress
        self.step = 0  # optimizer steps taken
        self.epoch = 0  # epochs finished
        self.batch = 0  # batches of the present epoch that are done
        self.stop_requested = False  # set it to end `train` after the present step
        draw_own_random_numbers()
        self.engine = Engine(self.model, self.losses, self.device, precision, batch_parts, compile)
        self.train_loader = training_loader(data.train_data, batch_size)
        # A DataLoader draws a seed each time it is iterated. With a generator of its own,
        # evaluation leaves the global random state, and with it the training run, as it was.
        test_data = share_of(data.test_data)
        self.test_loader = DataLoader(test_data, batch_size, generator=torch.Generator())

    @cached_property
    def summary(self) -> SummaryWriter:
        """The TensorBoard writer. It hides what an earlier run has logged from this step on."""
        if rank() > 0:
            return cast(SummaryWriter, Silent())
        return SummaryWriter(str(self.log_dir), purge_step=self.step)

    @property
    def checkpoint_path(self) -> Path:
        return self.log_dir / "checkpoint.pt"

    def train(self, epochs: int) -> None:
        """Trains for `epochs` more epochs; evaluates and saves after each of them.

        Where `stop_requested` is set meanwhile, it saves after the present step and returns.
        """
        self.stop_requested = False  # whatever an earlier call was asked for
        total = epochs * len(self.train_loader) - self.batch
        with tqdm(total=total, unit="step", disable=not self.show_progress) as progress:
            for _ in range(epochs):
                self.model.train()
                for images, _ in self.remaining_batches():
                    loss = self.train_step(images.to(self.device))
                    self.batch += 1
                    progress.set_postfix(epoch=self.epoch + 1, loss=f"{loss:.1f}", refresh=False)
                    progress.update()
                    if self.to_be_stopped():
                        return self.save_if_wanted()
                self.log_evaluation()
                self.end_epoch()

    def to_be_stopped(self) -> bool:
        """Whether a stop was requested, in whichever process."""
        self.stop_requested = summed_number(self.stop_requested, self.device) > 0
        return self.stop_requested

    def remaining_batches(self) -> Iterator:
        """The batches of the present epoch; of one that was interrupted, those not yet done."""
        if self.batch == 0:
            self.random_state_of_epoch = random_state(self.device)
            yield from self.train_loader
            return
        # The same order and augmentation as before, up to where it was interrupted.
        now = random_state(self.device)
        set_random_state(self.random_state_of_epoch, self.device)
        batches = iter(self.train_loader)
        for _ in range(self.batch):
            next(batches)
        set_random_state(now, self.device)
        yield from batches

    def train_step(self, images: Tensor) -> float:
        """One optimizer step on a batch (N, C, H, W); returns the loss per image before it.

        Raises FloatingPointError, before any weight is changed, where loss or gradient is not
        finite.
        """
        self.optimizer.zero_grad()
        recon_loss, kl_div_loss = self.engine.forward_backward(images).tolist()
        self.check_finite(recon_loss=recon_loss, kl_div_loss=kl_div_loss)
        grad_norm = self.engine.clip_gradients(self.optimizer, self.max_grad_norm).item()
        if not self.engine.skips_overflows:
            self.check_finite(norm_of_the_gradient=grad_norm)
        layers = logged_layers(self.model, self.summary, self.step)
        with layers if self.step % STEPS_BETWEEN_LAYERS == 0 else nullcontext():
            self.engine.step(self.optimizer)
        self.summary.add_scalar("train/recon_loss", recon_loss, self.step)
        self.summary.add_scalar("train/kl_div_loss", kl_div_loss, self.step)
        self.summary.add_scalar("train/loss", recon_loss + kl_div_loss, self.step)
        self.summary.add_scalar("train/grad_norm", grad_norm, self.step)
        self.step += 1
        return recon_loss + kl_div_loss

    def losses(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Reconstruction loss and KL divergence of a batch (N, C, H, W), both per image.

        Both are summed over everything but the batch. Were one of them averaged over pixels or
        latent dimensions, the balance between the two would depend on their number.
        """
        mu, log_sigma = self.model.encode(images)
        latent_code = self.model.bottleneck(mu, log_sigma)
        outputs = self.model.decode(latent_code)
        # Layers may compute in a lower precision than that of the images; sums must not.
        mu, log_sigma, outputs = mu.to(images), log_sigma.to(images), outputs.to(images)
        recon_loss = squared_error(outputs, images) / len(images)
        kl_div_loss = kl_divergence(log_sigma, mu) / len(images)
        return recon_loss, kl_div_loss

    def check_finite(self, **terms: float) -> None:
        if not all(map(math.isfinite, terms.values())):
            values = ", ".join(f"{name.replace('_', ' ')} {x:.4g}" for name, x in terms.items())
            raise FloatingPointError(
                f"not finite in epoch {self.epoch}, step {self.step}: {values}"
            )

    def eval(self) -> float:
        """Mean reconstruction loss per test image.

        Images are decoded from the mean of the posterior, so that the value has no noise.
        """
        return self.mean_per_test_image(
            lambda images: squared_error(self.reconstruct(images), images)
        )

    def elbo(self) -> float:
        """Mean evidence lower bound log p(x) >= E[log p(x|z)] - KL per test image, in nats.

        The expectation is estimated from one latent code an image, the same at every call. The
        density p(x|z) is that of a Gaussian with variance 1/2 over the values of an image as the
        dataset gives them: -|x - outputs|^2 - D / 2 * log(pi), with D values in an image.
        """

        def elbo(images: Tensor) -> Tensor:
            mu, log_sigma = self.model.encode(images)
            outputs = self.model.decode(self.model.bottleneck(mu, log_sigma))
            constant = images.numel() / 2 * math.log(math.pi)
            return -squared_error(outputs, images) - constant - kl_divergence(log_sigma, mu)

        with fixed_noise(self.device):
            return self.mean_per_test_image(elbo)

    def mean_per_test_image(self, total: Callable[[Tensor], Tensor]) -> float:
        """The mean of a quantity of which `total` gives the sum over a batch (N, C, H, W).

        Sums are added up before they are divided, so that the batch size does not matter.
        """
        with evaluating(self.model):
            totals = [total(images.to(self.device)).item() for images, _ in self.test_loader]
        return summed_number(sum(totals), self.device) / len(self.data.test_data)

    def log_evaluation(self) -> None:
        """Logs the test losses, and pictures in [0, 1]."""
        share_buffers(self.model)
        self.summary.add_scalar("test/loss", self.eval(), self.epoch)
        self.summary.add_scalar("test/elbo", self.elbo(), self.epoch)
        if self.num_generated_images:
            for i, image in enumerate(self.generate(self.num_generated_images)):
                self.summary.add_image(f"test/{i}", (image + 1) / 2, self.epoch)
            samples = make_grid((self.sample_prior(self.num_generated_images) + 1) / 2)
            self.summary.add_image("prior_samples", samples, self.epoch)

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

    def end_epoch(self) -> None:
        if self.scheduler is not None:
            self.scheduler.step()
        self.epoch += 1
        self.batch = 0
        self.save_if_wanted()

    def save_if_wanted(self) -> None:
        if self.save_checkpoints:
            self.save(self.checkpoint_path)

    def save(self, path: Path) -> None:
        """Writes all that a run needs to go on; see checkpoint.py."""
        save_checkpoint(self, path)

    def load(self, path: Path) -> None:
        """Goes on where a checkpoint was written, as if there had been no interruption."""
        load_checkpoint(self, path)


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
