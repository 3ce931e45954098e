"""Properties of a trainer of a variational autoencoder: loss, logging, learning."""

import inspect
import math
import sys
from unittest import mock

import numpy as np
import scipy.integrate
import scipy.stats
import torch
from torch import Tensor, nn
from torch.utils.tensorboard import SummaryWriter

from .contract import Required
from .running import seeded


class AbstractTestTrainer:
    """Checks a trainer that has `model`, `data`, `train(epochs)`, `eval()` and `summary`.

    Set `trainer`, newly built in setUp, on data whose splits are both the same single batch. The
    other attributes have defaults; override them in the class.
    """

    trainer = Required("a trainer on one batch that is both its train_data and its test_data")
    # Tags of the scalars that are logged with every step and with every epoch.
    step_tags: tuple[str, ...] = ("train/recon_loss", "train/kl_div_loss", "train/loss")
    epoch_tags: tuple[str, ...] = ("test/loss",)
    # Epochs of one step each within which the trainer must overfit the batch, and how far: to
    # this part of the loss of the best constant image, which a model reaches that has learned
    # nothing about the single images.
    overfit_epochs = 150
    overfit_factor = 0.5

    def kl_divergence(self, log_sigma: Tensor, mu: Tensor) -> Tensor:
        """The KL divergence that the trainer uses: the function in the module of its class."""
        for cls in type(self.trainer).__mro__:
            function = getattr(sys.modules[cls.__module__], "kl_divergence", None)
            if function is not None:
                return function(log_sigma, mu)
        self.skipTest(
            f"No function kl_divergence beside {type(self.trainer).__name__}. "
            f"Override {type(self).__name__}.kl_divergence(log_sigma, mu)."
        )

    def test_kl_divergence_equals_quadrature(self):
        """The KL divergence equals a numerical integral, summed over batch and dimensions."""
        mu = torch.tensor([[0.0, 1.5], [-0.5, 0.25], [2.0, -1.0]], dtype=torch.float64)
        log_sigma = torch.tensor([[0.0, 0.5], [-1.0, 0.3], [-0.2, 0.8]], dtype=torch.float64)
        expected = sum(map(kl_by_quadrature, log_sigma.flatten(), mu.flatten()))
        found = self.kl_divergence(log_sigma, mu)
        if found.shape != ():
            self.fail(
                f"kl_divergence returns a tensor of shape {tuple(found.shape)} for a batch; "
                f"expected a number, summed over the batch and the latent dimensions."
            )
        if not abs(found.item() - expected) < 1e-6 * expected:
            self.fail(
                f"kl_divergence(log_sigma, mu) is {found.item():.6g} where numerical integration "
                f"gives {expected:.6g}.\n{likely_kl_bug(found.item(), log_sigma, mu)}"
            )

    def test_logs_losses(self):
        """Every loss is logged once a step or once an epoch, and the steps count on."""
        with mock.patch.object(self.trainer, "summary", autospec_of_writer()) as summary, seeded(0):
            self.trainer.train(1)
            self.trainer.train(1)  # a second call must go on counting
        for tag in (*self.step_tags, *self.epoch_tags):
            with self.subTest(tag=tag):
                calls = calls_with_tag(summary.add_scalar, tag)
                self.check_steps(tag, [call["global_step"] for call in calls])
                for call in calls:
                    self.check_value(tag, call["scalar_value"])

    def check_steps(self, tag: str, steps: list):
        if len(steps) != 2:
            self.fail(
                f"{tag} is logged {len(steps)} times in two epochs of one step; expected 2 times.\n"
                f"Is it logged under another tag, or in the wrong loop?"
            )
        if steps[0] is None or steps[1] != steps[0] + 1:
            self.fail(
                f"{tag} is logged at the steps {steps} in two epochs of one step each.\n"
                f"Expected two that follow each other. Is the counter advanced, and kept?"
            )

    def check_value(self, tag: str, value):
        value = torch.as_tensor(value)
        if value.numel() != 1 or not value.isfinite().all():
            self.fail(f"{tag} is logged as {value}; expected one finite number.")
        if value.requires_grad:
            self.fail(
                f"{tag} is logged as a tensor with a gradient.\n"
                f"It keeps the graph of the step in memory. Log loss.item() instead."
            )

    def test_logs_images(self):
        """Every epoch logs the declared number of images, under a tag each."""
        tags = [f"test/{i}" for i in range(self.trainer.num_generated_images)]
        with mock.patch.object(self.trainer, "summary", autospec_of_writer()) as summary, seeded(0):
            self.trainer.train(1)
        for tag in tags:
            with self.subTest(tag=tag):
                calls = calls_with_tag(summary.add_image, tag)
                if len(calls) != 1:
                    self.fail(f"Image {tag} is logged {len(calls)} times in one epoch, not once.")
                self.check_image(tag, torch.as_tensor(calls[0]["img_tensor"]))

    def check_image(self, tag: str, image: Tensor):
        # SummaryWriter clips floats to [0, 1]: a picture in [-1, 1] loses its darker half.
        if image.is_floating_point() and not (image.min() >= 0 and image.max() <= 1):
            self.fail(
                f"Image {tag} has values from {image.min():.3g} to {image.max():.3g}; TensorBoard "
                f"expects [0, 1] and clips the rest.\nScale it back before it is logged."
            )

    def test_overfits_one_batch(self):
        """Training on one batch beats the best constant image by far."""
        constant = self.loss_of_best_constant_image()
        bound = self.overfit_factor * constant
        before = self.trainer.eval()
        with seeded(0):
            for _ in range(10):  # most are through long before the last round
                self.trainer.train(math.ceil(self.overfit_epochs / 10))
                after = self.trainer.eval()
                if after < bound:
                    return
        self.fail(
            f"{type(self.trainer).__name__} has a test loss of {after:.4g} after "
            f"{self.overfit_epochs} epochs on one batch ({before:.4g} before); expected less than "
            f"{bound:.4g}.\nThe best constant image has {constant:.4g}: "
            f"{advice(after, constant)}"
        )

    def loss_of_best_constant_image(self) -> float:
        """The trainer's own evaluation of a model that answers every input with one image.

        The mean image is best for squared error and for cross-entropy, the median for absolute
        error.
        """
        test_data = self.trainer.data.test_data
        images = torch.stack([torch.as_tensor(test_data[i][0]) for i in range(len(test_data))])
        losses = []
        for image in (images.mean(dim=0), images.median(dim=0).values):
            with mock.patch.object(self.trainer, "model", ConstantVAE(image)):
                losses.append(self.trainer.eval())
        return min(losses)


class ConstantVAE(nn.Module):
    """Answers every input with the same image."""

    def __init__(self, image: Tensor):
        super().__init__()
        self.image = image

    def encode(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        code = torch.zeros(len(inputs), 1, device=inputs.device)
        return code, code

    def bottleneck(self, mu: Tensor, log_sigma: Tensor) -> Tensor:
        return mu

    def decode(self, latent_code: Tensor) -> Tensor:
        return self.image.to(latent_code.device).expand(len(latent_code), *self.image.shape)

    def forward(self, inputs: Tensor) -> Tensor:
        return self.decode(self.encode(inputs)[0])


def kl_by_quadrature(log_sigma: Tensor, mu: Tensor) -> float:
    """KL(N(mu, sigma^2) || N(0, 1)) as the integral of its definition.

    Twelve standard deviations to both sides hold all but 1e-32 of the mass, and the trapezoidal
    rule is exact to rounding for a smooth integrand that vanishes at both ends.
    """
    mean, sigma = mu.item(), log_sigma.exp().item()
    z = np.linspace(mean - 12 * sigma, mean + 12 * sigma, 2001)
    posterior = scipy.stats.norm(mean, sigma)
    integrand = posterior.pdf(z) * (posterior.logpdf(z) - scipy.stats.norm.logpdf(z))
    return scipy.integrate.trapezoid(integrand, z)


def likely_kl_bug(found: float, log_sigma: Tensor, mu: Tensor) -> str:
    """The usual slip that gives the value found, as a question."""
    right = 0.5 * (mu**2 + (2 * log_sigma).exp() - 1) - log_sigma
    as_log_variance = 0.5 * (mu**2 + log_sigma.exp() - 1 - log_sigma)
    slips = {
        "Is its sign wrong?": -right.sum(),
        "Is it averaged over batch and dimensions, where it should be summed?": right.mean(),
        "Is it averaged over the batch, where it should be summed?": right.sum() / len(mu),
        "Is it averaged over the dimensions, where it should be summed?": right.mean(1).sum(),
        "Is log_sigma taken for the logarithm of the variance?": as_log_variance.sum(),
        "Is the factor 1/2 missing?": 2 * right.sum(),
        "Is the term mu^2 missing?": (right - mu**2 / 2).sum(),
        "Is mu not squared?": (right - mu**2 / 2 + mu / 2).sum(),
        "Is the constant -1 missing?": (right + 0.5).sum(),
    }
    for question, value in slips.items():
        if abs(found - value.item()) < 1e-6 * abs(value.item()):
            return question
    return "Per dimension it is (mu^2 + sigma^2 - 1) / 2 - log_sigma. Are the arguments swapped?"


def advice(loss: float, constant: float) -> str:
    """What a loss after overfitting says about the cause."""
    if not loss < 2 * constant:
        return "nothing was learned. Do the optimizer's steps reach this model, downhill?"
    if loss > 0.9 * constant:
        return (
            "the outputs ignore the inputs. Is zero_grad() missing, the KL term far too strong, or "
            "the code unused?"
        )
    return "learning is slow. Are learning rate, weight decay and the range of the outputs right?"


def autospec_of_writer() -> mock.NonCallableMagicMock:
    """A mock that takes only calls that a SummaryWriter takes."""
    return mock.create_autospec(SummaryWriter, instance=True)


def calls_with_tag(method: mock.MagicMock, tag: str) -> list[dict]:
    """The arguments, by name, of all calls of a SummaryWriter's method with a tag."""
    signature = inspect.signature(getattr(SummaryWriter, method._mock_name))
    calls = []
    for call in method.call_args_list:
        bound = signature.bind(None, *call.args, **call.kwargs)
        bound.apply_defaults()
        calls.append(bound.arguments)
    return [arguments for arguments in calls if arguments["tag"] == tag]
