"""Bugs in trainers and their losses."""

import torch
import torch.nn.functional as F
from mnist_vae.trainer import Trainer, kl_divergence

from . import kl_bug, trainer_bug

LOSSES = "test_logs_losses"
IMAGES = "test_logs_images"
OVERFITTING = "test_overfits_one_batch"


@kl_bug(r"gives .*Is its sign wrong\?")
def sign_flipped(log_sigma, mu):
    return -kl_divergence(log_sigma, mu)


@kl_bug(r"log_sigma taken for the logarithm of the variance")
def log_variance_formula(log_sigma, mu):
    return 0.5 * (mu**2 + log_sigma.exp() - 1 - log_sigma).sum()


@kl_bug(r"factor 1/2 missing")
def half_missing(log_sigma, mu):
    return 2 * kl_divergence(log_sigma, mu)


@kl_bug(r"averaged over batch and dimensions")
def mean_over_everything(log_sigma, mu):
    return kl_divergence(log_sigma, mu) / mu.numel()


@kl_bug(r"averaged over the batch")
def mean_over_batch(log_sigma, mu):
    return kl_divergence(log_sigma, mu) / len(mu)


@kl_bug(r"averaged over the dimensions")
def mean_over_dimensions(log_sigma, mu):
    return kl_divergence(log_sigma, mu) / mu.shape[1]


@kl_bug(r"mu\^2 missing")
def square_of_mu_missing(log_sigma, mu):
    return kl_divergence(log_sigma, torch.zeros_like(mu))


@kl_bug(r"mu not squared")
def mu_not_squared(log_sigma, mu):
    return kl_divergence(log_sigma, torch.zeros_like(mu)) + 0.5 * mu.sum()


@kl_bug(r"constant -1 missing")
def constant_missing(log_sigma, mu):
    return kl_divergence(log_sigma, mu) + 0.5 * mu.numel()


@kl_bug(r"arguments swapped")
def arguments_swapped(log_sigma, mu):
    return kl_divergence(mu, log_sigma)


@kl_bug(r"arguments swapped|Per dimension it is")
def reversed_direction(log_sigma, mu):
    return (log_sigma + (1 + mu**2) / (2 * (2 * log_sigma).exp()) - 0.5).sum()


@kl_bug(r"tensor of shape \(3,\) for a batch; expected a number")
def not_reduced(log_sigma, mu):
    return (0.5 * (mu**2 + (2 * log_sigma).exp() - 1) - log_sigma).sum(1)


@trainer_bug(LOSSES, r"train/loss is logged at the steps \[0, 0\].*counter advanced")
class StepNotAdvanced(Trainer):
    def train_step(self, images):
        loss = super().train_step(images)
        self.step = 0
        return loss


@trainer_bug(LOSSES, r"test/loss is logged at the steps \[0, 0\].*kept")
class EpochRestarts(Trainer):
    def train(self, epochs):
        self.epoch = 0
        super().train(epochs)


@trainer_bug(LOSSES, r"test/loss is logged 0 times in two epochs.*another tag")
class EvaluationLoggedAsTraining(Trainer):
    def log_evaluation(self):
        self.summary.add_scalar("train/test_loss", self.eval(), self.epoch)


@trainer_bug(LOSSES, r"test/loss is logged as a tensor with a gradient.*\.item\(\)")
class LogsTheGraph(Trainer):
    def eval(self):
        images = self.data.test_data[0][0].unsqueeze(0)
        return F.mse_loss(self.reconstruct(images), images, reduction="sum")


@trainer_bug(LOSSES, r"test/loss is logged as .*nan.*one finite number")
class NotANumberLogged(Trainer):
    """The mean over an empty loader."""

    def eval(self):
        super().eval()
        return float("nan")


@trainer_bug(IMAGES, r"test/0 has values from -1.*expects \[0, 1\]")
class ImagesNotScaledBack(Trainer):
    def log_evaluation(self):
        for i, image in enumerate(self.generate(self.num_generated_images)):
            self.summary.add_image(f"test/{i}", image, self.epoch)


@trainer_bug(IMAGES, r"Image test/1 is logged 0 times")
class OneTagForAllImages(Trainer):
    def log_evaluation(self):
        for image in self.generate(self.num_generated_images):
            self.summary.add_image("test/0", (image + 1) / 2, self.epoch)


@trainer_bug(OVERFITTING, r"nothing was learned.*optimizer's steps")
class NeverSteps(Trainer):
    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        self.optimizer.step = lambda: None


@trainer_bug(OVERFITTING, r"nothing was learned.*downhill")
class GradientAscent(Trainer):
    def losses(self, images):
        recon_loss, kl_div_loss = super().losses(images)
        return -recon_loss, -kl_div_loss


@trainer_bug(OVERFITTING, r"outputs ignore the inputs.*KL term far too strong")
class ReconstructionAveraged(Trainer):
    """The mean over pixels beside a sum over latent dimensions: posterior collapse."""

    def losses(self, images):
        recon_loss, kl_div_loss = super().losses(images)
        return recon_loss / images[0].numel(), kl_div_loss


@trainer_bug(OVERFITTING, r"outputs ignore the inputs|learning is slow|nothing was learned")
class TargetsShuffled(Trainer):
    def losses(self, images):
        mu, log_sigma = self.model.encode(images)
        outputs = self.model.decode(self.model.bottleneck(mu, log_sigma))
        targets = images[torch.randperm(len(images))]
        recon_loss = F.mse_loss(outputs, targets, reduction="sum") / len(images)
        return recon_loss, kl_divergence(log_sigma, mu) / len(images)


@trainer_bug(OVERFITTING, r"nothing was learned|learning is slow")
class LearningRateFarTooLow(Trainer):
    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        self.optimizer.param_groups[0]["lr"] = 1e-6
