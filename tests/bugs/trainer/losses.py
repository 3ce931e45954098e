"""Bugs that the checks of suites/trainer/losses.py are meant for."""

import torch
import torch.nn.functional as F
from mnist_vae.trainer import Trainer, kl_divergence, squared_error

from ...seeding import trainer_bug
from .bases import passed, per_image, terms

SAMPLES = "test_loss_of_a_batch_is_that_of_its_samples"
RECOMPUTED = "test_logged_losses_are_those_of_the_batch"
CODES = "test_training_decodes_a_drawn_code"
PLAUSIBLE = "test_losses_of_a_new_model_are_plausible"
ZERO = "test_no_loss_is_ever_zero"


@trainer_bug(
    SAMPLES,
    r"train/kl_div_loss is the sum of.*Divide both",
    source="How to Trust Your Deep Learning Code (scales of loss terms)",
)
class OnlyReconstructionAveraged(Trainer):
    def losses(self, batch):
        recon_loss, kl_div_loss = super().losses(batch).values()
        return terms(recon_loss, kl_div_loss * len(batch[0]))


@trainer_bug(SAMPLES, r"train/recon_loss is .*broadcast")
class TargetsBroadcast(Trainer):
    """(N, 1, D) against (N, D): every output is compared with every image."""

    def losses(self, batch):
        images = batch[0]
        outputs, mu, log_sigma = passed(self, images)
        error = (outputs.flatten(1).unsqueeze(1) - images.flatten(1)) ** 2
        return terms(error.sum() / len(images), kl_divergence(log_sigma, mu) / len(images))


@trainer_bug(
    SAMPLES,
    r"train/recon_loss is .* other than a sum",
    source="How to Trust Your Deep Learning Code (scales of loss terms)",
)
class RootOfTheSum(Trainer):
    def losses(self, batch):
        recon_loss, kl_div_loss = super().losses(batch).values()
        return terms((recon_loss * len(batch[0])).sqrt(), kl_div_loss)


@trainer_bug(
    RECOMPUTED,
    r"train/recon_loss is logged as .*what eval\(\) gives",
    source="Karpathy, A Recipe for Training Neural Networks",
)
class ErrorsClipped(Trainer):
    """What was meant for gradients. The pixels that are furthest off have none."""

    def losses(self, batch):
        images = batch[0]
        outputs, mu, log_sigma = passed(self, images)
        recon_loss = ((outputs - images) ** 2).clamp(max=0.25).sum()
        return terms(recon_loss / len(images), kl_divergence(log_sigma, mu) / len(images))


@trainer_bug(
    RECOMPUTED, r"train/(kl_div|recon)_loss is logged as", source="reported: doctr#840, pycls PR#21"
)
class NoiseStaysInTheTargets(Trainer):
    """A denoising model whose noise is added to the inputs in place."""

    def losses(self, batch):
        images, *others = batch
        return super().losses([images.add_(0.3 * torch.randn_like(images)), *others])


@trainer_bug(RECOMPUTED, r"train/kl_div_loss is logged as .*argument swapped")
class ArgumentsOfKLSwapped(Trainer):
    def losses(self, batch):
        images = batch[0]
        outputs, mu, log_sigma = passed(self, images)
        return per_image(outputs, images, log_sigma, mu)


@trainer_bug(RECOMPUTED, r"train/kl_div_loss is .*something else than the batch size")
class KLDividedByElements(Trainer):
    def losses(self, batch):
        recon_loss, kl_div_loss = super().losses(batch).values()
        return terms(recon_loss, kl_div_loss / 2)


@trainer_bug(RECOMPUTED, r"train/recon_loss and train/kl_div_loss are interchanged")
class TermsInterchanged(Trainer):
    def losses(self, batch):
        recon_loss, kl_div_loss = super().losses(batch).values()
        return terms(kl_div_loss, recon_loss)


@trainer_bug(RECOMPUTED, r"train/recon_loss is logged as .*what eval\(\) gives")
class EvaluationAveragesPixels(Trainer):
    def eval(self):
        return super().eval() / self.data.test_data[0][0].numel()


@trainer_bug(RECOMPUTED, r"train/loss is .*term missing or weighted")
class TotalWithoutKL(Trainer):
    """The log shows the reconstruction loss twice."""

    def train_step(self, batch):
        add_scalar = self.summary.add_scalar
        recon_loss, _ = self.losses(batch).values()

        def add(tag, value, step):
            add_scalar(tag, recon_loss.item() if tag == "train/loss" else value, step)

        self.summary.add_scalar = add
        loss = super().train_step(batch)
        self.summary.add_scalar = add_scalar
        return loss


@trainer_bug(RECOMPUTED, r"train/kl_div_loss is .*something else than the batch size")
class DividedByAFullBatch(Trainer):
    """Right for every batch but the last one of an epoch."""

    def losses(self, batch):
        recon_loss, kl_div_loss = super().losses(batch).values()
        share = len(batch[0]) / self.batch_size
        return terms(recon_loss * share, kl_div_loss * share)


@trainer_bug(CODES, r"never calls model\.bottleneck")
class DecodesTheMean(Trainer):
    """An autoencoder, without the V."""

    def losses(self, batch):
        images = batch[0]
        mu, log_sigma = self.model.encode(images)
        return per_image(self.model.decode(mu), images, mu, log_sigma)


@trainer_bug(CODES, r"bottleneck gets mu or log_sigma without a gradient.*detached")
class LogSigmaDetachedInTraining(Trainer):
    def losses(self, batch):
        images = batch[0]
        mu, log_sigma = self.model.encode(images)
        outputs = self.model.decode(self.model.bottleneck(mu, log_sigma.detach()))
        return per_image(outputs, images, mu, log_sigma)


@trainer_bug(CODES, r"does not get what model\.bottleneck returned.*changed on the way")
class CodeNormalised(Trainer):
    def losses(self, batch):
        images = batch[0]
        mu, log_sigma = self.model.encode(images)
        latent_code = self.model.bottleneck(mu, log_sigma)
        outputs = self.model.decode(F.normalize(latent_code))
        return per_image(outputs, images, mu, log_sigma)


@trainer_bug(CODES, r"decode gets a code without a gradient")
class CodeDetached(Trainer):
    """Only the decoder learns to reconstruct."""

    def losses(self, batch):
        images = batch[0]
        mu, log_sigma = self.model.encode(images)
        outputs = self.model.decode(self.model.bottleneck(mu, log_sigma).detach())
        return per_image(outputs, images, mu, log_sigma)


@trainer_bug(PLAUSIBLE, r"eval\(\) is .* for a model that returns its inputs.*right target")
class TargetsNotScaled(Trainer):
    """Targets from 0 to 255 beside outputs from -1 to 1."""

    def eval(self):
        return self.mean_over_test_data(
            lambda batch: squared_error(self.reconstruct(batch[0]), 127.5 * (batch[0] + 1))
        )


@trainer_bug(PLAUSIBLE, r"eval\(\) is 0 for a model that returns its inputs, and 0 for")
class OutputsComparedWithThemselves(Trainer):
    def eval(self):
        return self.mean_over_test_data(
            lambda batch: squared_error(*[self.reconstruct(batch[0]) for _ in range(2)])
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
    def losses(self, batch):
        images = batch[0]
        outputs, mu, log_sigma = passed(self, images)
        return terms(F.mse_loss(outputs, outputs), kl_divergence(log_sigma, mu) / len(images))


@trainer_bug(ZERO, r"train/kl_div_loss is exactly 0 in step 0.*multiplied by zero")
class WarmUpNeverEnds(Trainer):
    """A weight of the KL divergence by integer division."""

    def losses(self, batch):
        recon_loss, kl_div_loss = super().losses(batch).values()
        return terms(recon_loss, kl_div_loss * min(self.epoch // 1000, 1))


@trainer_bug(ZERO, r"train/kl_div_loss is exactly 0 in step 0.*multiplied by zero", kl_weight=None)
class DeclaredWarmUpNeverEnds(WarmUpNeverEnds):
    """The same where the weight is declared to change."""
