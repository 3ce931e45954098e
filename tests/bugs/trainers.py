"""Bugs in trainers and their losses."""

import copy
import functools

import torch
import torch.nn.functional as F
from mnist_vae.model import MLPVAE
from mnist_vae.trainer import Trainer, kl_divergence
from torch import nn
from torch.utils.tensorboard import SummaryWriter

from . import kl_bug, trainer_bug
from .steps import StepTrainer

SAMPLES = "test_loss_of_a_batch_is_that_of_its_samples"
RECOMPUTED = "test_logged_losses_are_those_of_the_batch"
PLAUSIBLE = "test_losses_of_a_new_model_are_plausible"
ENCODER = "test_encoder_gets_the_gradient_of_the_kl_divergence"
CODES = "test_training_decodes_a_drawn_code"
ZERO = "test_no_loss_is_ever_zero"
LOSSES = "test_logs_losses"
EVALUATION = "test_logs_the_evaluation"
IMAGES = "test_logs_images"
FILE = "test_event_file_holds_the_log"
OVERFITTING = "test_overfits_one_batch"
HELD = "test_optimizer_holds_every_trainable_parameter"
FROZEN = "test_frozen_parameters_do_not_change"


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


@kl_bug(r"no gradient for log_sigma.*detached", check="test_kl_divergence_has_the_right_gradient")
def log_sigma_detached(log_sigma, mu):
    return kl_divergence(log_sigma.detach(), mu)


@kl_bug(r"for mu is wrong.*clamped", check="test_kl_divergence_has_the_right_gradient")
def means_clamped(log_sigma, mu):
    """Keeps the value for most models, and ends the pull on means beyond the limit."""
    limited = mu.clamp(-1.5, 1.5)
    return kl_divergence(log_sigma, limited) + 0.5 * (mu**2 - limited**2).sum().detach()


@trainer_bug(ENCODER, r"The gradient of mu is not that of the KL divergence.*detached")
class MuDetachedFromTheKL(Trainer):
    """The values are right, and nothing pulls the means to the prior."""

    def losses(self, images):
        outputs, mu, log_sigma = passed(self, images)
        return per_image(outputs, images, mu.detach(), log_sigma)


@trainer_bug(ENCODER, r"The gradient of log_sigma is not that of the KL divergence")
class LogSigmaDetachedFromTheKL(Trainer):
    def losses(self, images):
        outputs, mu, log_sigma = passed(self, images)
        return per_image(outputs, images, mu, log_sigma.detach())


def passed(trainer, images):
    """What the model returns for a batch: outputs, mu and log_sigma."""
    mu, log_sigma = trainer.model.encode(images)
    outputs = trainer.model.decode(trainer.model.bottleneck(mu, log_sigma))
    return outputs, mu, log_sigma


def per_image(outputs, targets, mu, log_sigma):
    """Both losses as they should be."""
    recon_loss = F.mse_loss(outputs, targets, reduction="sum") / len(targets)
    return recon_loss, kl_divergence(log_sigma, mu) / len(targets)


@trainer_bug(SAMPLES, r"train/kl_div_loss is the sum of.*Divide both")
class OnlyReconstructionAveraged(Trainer):
    def losses(self, images):
        recon_loss, kl_div_loss = super().losses(images)
        return recon_loss, kl_div_loss * len(images)


@trainer_bug(SAMPLES, r"train/recon_loss is .*broadcast")
class TargetsBroadcast(Trainer):
    """(N, 1, D) against (N, D): every output is compared with every image."""

    def losses(self, images):
        outputs, mu, log_sigma = passed(self, images)
        error = (outputs.flatten(1).unsqueeze(1) - images.flatten(1)) ** 2
        return error.sum() / len(images), kl_divergence(log_sigma, mu) / len(images)


@trainer_bug(SAMPLES, r"train/recon_loss is .* other than a sum")
class RootOfTheSum(Trainer):
    def losses(self, images):
        recon_loss, kl_div_loss = super().losses(images)
        return (recon_loss * len(images)).sqrt(), kl_div_loss


@trainer_bug(RECOMPUTED, r"train/recon_loss is logged as .*what eval\(\) gives")
class ErrorsClipped(Trainer):
    """What was meant for gradients. The pixels that are furthest off have none."""

    def losses(self, images):
        outputs, mu, log_sigma = passed(self, images)
        recon_loss = ((outputs - images) ** 2).clamp(max=0.25).sum()
        return recon_loss / len(images), kl_divergence(log_sigma, mu) / len(images)


@trainer_bug(RECOMPUTED, r"train/(kl_div|recon)_loss is logged as")
class NoiseStaysInTheTargets(Trainer):
    """A denoising model whose noise is added to the inputs in place."""

    def losses(self, images):
        return super().losses(images.add_(0.3 * torch.randn_like(images)))


@trainer_bug(RECOMPUTED, r"train/kl_div_loss is logged as .*argument swapped")
class ArgumentsOfKLSwapped(Trainer):
    def losses(self, images):
        outputs, mu, log_sigma = passed(self, images)
        return per_image(outputs, images, log_sigma, mu)


@trainer_bug(RECOMPUTED, r"train/kl_div_loss is .*something else than the batch size")
class KLDividedByElements(Trainer):
    def losses(self, images):
        recon_loss, kl_div_loss = super().losses(images)
        return recon_loss, kl_div_loss / 2


@trainer_bug(RECOMPUTED, r"train/recon_loss and train/kl_div_loss are interchanged")
class TermsInterchanged(Trainer):
    def losses(self, images):
        recon_loss, kl_div_loss = super().losses(images)
        return kl_div_loss, recon_loss


@trainer_bug(RECOMPUTED, r"train/recon_loss is logged as .*what eval\(\) gives")
class EvaluationAveragesPixels(Trainer):
    def eval(self):
        return super().eval() / self.data.test_data[0][0].numel()


@trainer_bug(RECOMPUTED, r"train/loss is .*term missing or weighted")
class TotalWithoutKL(Trainer):
    """The log shows the reconstruction loss twice."""

    def train_step(self, images):
        add_scalar = self.summary.add_scalar
        recon_loss, _ = self.losses(images)

        def add(tag, value, step):
            add_scalar(tag, recon_loss.item() if tag == "train/loss" else value, step)

        self.summary.add_scalar = add
        loss = super().train_step(images)
        self.summary.add_scalar = add_scalar
        return loss


@trainer_bug(RECOMPUTED, r"train/kl_div_loss is .*something else than the batch size")
class DividedByAFullBatch(Trainer):
    """Right for every batch but the last one of an epoch."""

    def losses(self, images):
        recon_loss, kl_div_loss = super().losses(images)
        share = len(images) / self.batch_size
        return recon_loss * share, kl_div_loss * share


@trainer_bug(CODES, r"never calls model\.bottleneck")
class DecodesTheMean(Trainer):
    """An autoencoder, without the V."""

    def losses(self, images):
        mu, log_sigma = self.model.encode(images)
        return per_image(self.model.decode(mu), images, mu, log_sigma)


@trainer_bug(CODES, r"bottleneck gets mu or log_sigma without a gradient.*detached")
class LogSigmaDetachedInTraining(Trainer):
    def losses(self, images):
        mu, log_sigma = self.model.encode(images)
        outputs = self.model.decode(self.model.bottleneck(mu, log_sigma.detach()))
        return per_image(outputs, images, mu, log_sigma)


@trainer_bug(CODES, r"does not get what model\.bottleneck returned.*changed on the way")
class CodeNormalised(Trainer):
    def losses(self, images):
        mu, log_sigma = self.model.encode(images)
        latent_code = self.model.bottleneck(mu, log_sigma)
        outputs = self.model.decode(F.normalize(latent_code))
        return per_image(outputs, images, mu, log_sigma)


@trainer_bug(CODES, r"decode gets a code without a gradient")
class CodeDetached(Trainer):
    """Only the decoder learns to reconstruct."""

    def losses(self, images):
        mu, log_sigma = self.model.encode(images)
        outputs = self.model.decode(self.model.bottleneck(mu, log_sigma).detach())
        return per_image(outputs, images, mu, log_sigma)


@trainer_bug(PLAUSIBLE, r"eval\(\) is .* for a model that returns its inputs.*right target")
class TargetsNotScaled(Trainer):
    """Targets from 0 to 255 beside outputs from -1 to 1."""

    def eval(self):
        return self.mean_per_test_image(
            lambda x: F.mse_loss(self.reconstruct(x), 127.5 * (x + 1), reduction="sum")
        )


@trainer_bug(PLAUSIBLE, r"eval\(\) is 0 for a model that returns its inputs, and 0 for")
class OutputsComparedWithThemselves(Trainer):
    def eval(self):
        return self.mean_per_test_image(
            lambda x: F.mse_loss(self.reconstruct(x), self.reconstruct(x), reduction="sum")
        )


@trainer_bug(PLAUSIBLE, r"eval\(\) is .* for a new model; expected more than .* less than")
class EvaluatesAnotherModel(Trainer):
    """The one with the best loss so far, which for a new model is some old one."""

    def eval(self):
        if len(list(self.model.parameters())) < 12:
            return super().eval()
        return 1e-3 * super().eval()


@trainer_bug(ZERO, r"train/recon_loss is exactly 0 in step 0.*compared with itself")
class LossComparedWithItself(Trainer):
    def losses(self, images):
        outputs, mu, log_sigma = passed(self, images)
        return F.mse_loss(outputs, outputs), kl_divergence(log_sigma, mu) / len(images)


@trainer_bug(ZERO, r"train/kl_div_loss is exactly 0 in step 0.*multiplied by zero")
class WarmUpNeverEnds(Trainer):
    """A weight of the KL divergence by integer division."""

    def losses(self, images):
        recon_loss, kl_div_loss = super().losses(images)
        return recon_loss, kl_div_loss * min(self.epoch // 1000, 1)


@trainer_bug(ZERO, r"train/kl_div_loss is exactly 0 in step 0.*multiplied by zero", kl_weight=None)
class DeclaredWarmUpNeverEnds(WarmUpNeverEnds):
    """The same where the weight is declared to change."""


@trainer_bug(LOSSES, r"train/kl_div_loss is logged at the steps \[1, .*train/recon_loss at \[0, ")
class StepCountedBetween(StepTrainer):
    def log_losses(self, recon_loss, kl_div_loss, loss):
        self.summary.add_scalar("train/recon_loss", recon_loss.item(), self.step)
        self.summary.add_scalar("train/kl_div_loss", kl_div_loss.item(), self.step + 1)
        self.summary.add_scalar("train/loss", loss.item(), self.step + 1)


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


@trainer_bug(LOSSES, r"test/loss is logged 0 times in 2 epochs.*another tag")
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


@trainer_bug(EVALUATION, r"test/loss is logged as .*the same quantity")
class LogsThePreviousEvaluation(Trainer):
    previous = 1.0

    def log_evaluation(self):
        self.summary.add_scalar("test/loss", self.previous, self.epoch)
        self.previous = self.eval()


@trainer_bug(FILE, r"test/loss is not in the event file")
class LogsIntoAnotherRun(Trainer):
    """add_scalars writes to a folder of its own for each key."""

    def log_evaluation(self):
        self.summary.add_scalars("test", {"loss": self.eval()}, self.epoch)


class PrefixingWriter(SummaryWriter):
    def add_scalar(self, tag, *arguments, **named):
        super().add_scalar(f"vae/{tag}", *arguments, **named)


@trainer_bug(FILE, r"train/recon_loss is not in the event file")
class TagsRenamedByTheWriter(Trainer):
    @functools.cached_property
    def summary(self):
        return PrefixingWriter(str(self.log_dir))


@trainer_bug(EVALUATION, r"at the steps \[3, 6\] in two epochs of three batches")
class EvaluationLoggedAtTheStep(Trainer):
    def log_evaluation(self):
        epoch, self.epoch = self.epoch, self.step
        super().log_evaluation()
        self.epoch = epoch


@trainer_bug(IMAGES, r"Image test/1 is logged 0 times in one epoch")
class OneImageTooFew(Trainer):
    def log_evaluation(self):
        self.num_generated_images -= 1
        super().log_evaluation()
        self.num_generated_images += 1


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


@trainer_bug(OVERFITTING, r"breaks off on one batch: not finite in epoch.*maximised")
class GradientAscent(Trainer):
    def losses(self, images):
        recon_loss, kl_div_loss = super().losses(images)
        return -recon_loss, -kl_div_loss


@trainer_bug(OVERFITTING, r"outputs do not follow the inputs.*KL term far too strong")
class ReconstructionAveraged(Trainer):
    """The mean over pixels beside a sum over latent dimensions: posterior collapse."""

    def losses(self, images):
        recon_loss, kl_div_loss = super().losses(images)
        return recon_loss / images[0].numel(), kl_div_loss


@trainer_bug(OVERFITTING, r"outputs do not follow the inputs.*their own targets|learning is")
class TargetsShuffled(Trainer):
    def losses(self, images):
        outputs, mu, log_sigma = passed(self, images)
        return per_image(outputs, images[torch.randperm(len(images))], mu, log_sigma)


class OptimizerWith(Trainer):
    """Correct. Its optimizer has these options, of which a bug has a wrong one."""

    options: dict[str, float] = {}

    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        self.optimizer.param_groups[0].update(self.options)


@trainer_bug(OVERFITTING, r"learning is far too slow.*learning rate")
class LearningRateFarTooLow(OptimizerWith):
    options = {"lr": 1e-6}


@trainer_bug(OVERFITTING, r"breaks off on one batch.*learning rate far too high")
class LearningRateFarTooHigh(OptimizerWith):
    options = {"lr": 1.0}


@trainer_bug(OVERFITTING, r"nothing was learned")
class WarmUpBeginsAndEndsAtZero(Trainer):
    """An integer division."""

    def train(self, epochs):
        for group in self.optimizer.param_groups:
            group["lr"] *= (self.step + 1) // 100
        super().train(epochs)


@trainer_bug(OVERFITTING, r"the outputs do not follow the inputs")
class WeightDecayFarTooStrong(OptimizerWith):
    options = {"weight_decay": 50.0}


@trainer_bug(HELD, r"holds none of the 12 parameters.*another model")
class OptimizerOfAnotherModel(Trainer):
    def __init__(self, model, *arguments, **settings):
        super().__init__(copy.deepcopy(model), *arguments, **settings)


@trainer_bug(HELD, r"does not hold encoder\.1\.weight.*\(6 of 12 parameters\).*a part of the model")
class OptimizerOfTheDecoder(Trainer):
    def __init__(self, model, data, optimizer, *arguments, **settings):
        del optimizer
        optimizer = torch.optim.Adam(model.decoder.parameters(), lr=1e-3)
        super().__init__(model, data, optimizer, *arguments, **settings)


@trainer_bug(HELD, r"does not hold encoder\.5\.weight.*\(2 of 12 parameters\)")
class LayerReplacedTooLate(Trainer):
    """The optimizer was built before, and trains the layer that is no longer there."""

    def __init__(self, model, *arguments, **settings):
        if isinstance(model, MLPVAE):
            model.encoder[-1] = nn.Linear(256, 32)
        super().__init__(model, *arguments, **settings)


@trainer_bug(HELD, r"does not hold encoder\.1\.bias.*\(6 of 12 parameters\)")
class BiasesForgotten(Trainer):
    """Weights got a group of their own, for weight decay; the group of the rest was left out."""

    def __init__(self, model, data, optimizer, *arguments, **settings):
        del optimizer
        matrices = [parameter for parameter in model.parameters() if parameter.dim() > 1]
        optimizer = torch.optim.AdamW(matrices, lr=2e-3)
        super().__init__(model, data, optimizer, *arguments, **settings)


@trainer_bug(
    FROZEN, r"decoder\.0\.weight is frozen, but training changed it", frozen_parameters=("dec",)
)
class FrozenDecoderIsTrained(Trainer):
    """Right for a trainer of the whole model, wrong for one that is to train the encoder."""


@trainer_bug(FROZEN, r"No parameter .* changed.*a step at all")
class StepsOnACopy(Trainer):
    def train(self, epochs):
        self.model, model = copy.deepcopy(self.model), self.model
        super().train(epochs)
        self.model = model
