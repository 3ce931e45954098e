"""Bugs that the checks of suites/trainer/logging.py are meant for."""

import copy
import functools

import torch.nn.functional as F
from mnist_vae.trainer import Trainer
from torch.utils.tensorboard import SummaryWriter

from ...seeding import trainer_bug
from .bases import StepTrainer

LOSSES = "test_logs_losses"
EVALUATION = "test_logs_the_evaluation"
FILE = "test_event_file_holds_the_log"
IMAGES = "test_logs_images"


@trainer_bug(
    "test_logs_the_evaluation",
    r"test/loss is logged as .* eval\(\) returns",
    source="xlearn#171, tensorflow/docs PR#2178, fairseq#1910, catalyst#663",
)
class KeepsTheFirst(Trainer):
    """The best weights are restored at the end, but no loss is below the one to begin with."""

    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        self.best_loss, self.best = 0.0, copy.deepcopy(self.model.state_dict())

    def log_evaluation(self):
        super().log_evaluation()
        if (loss := self.eval()) < self.best_loss:
            self.best_loss, self.best = loss, copy.deepcopy(self.model.state_dict())

    def train(self, epochs):
        super().train(epochs)
        self.model.load_state_dict(self.best)


@trainer_bug(LOSSES, r"train/kl_div_loss is logged at the steps \[1, .*train/recon_loss at \[0, ")
class StepCountedBetween(StepTrainer):
    def log_losses(self, recon_loss, kl_div_loss, loss):
        self.summary.add_scalar("train/recon_loss", recon_loss.item(), self.step)
        self.summary.add_scalar("train/kl_div_loss", kl_div_loss.item(), self.step + 1)
        self.summary.add_scalar("train/loss", loss.item(), self.step + 1)


@trainer_bug(LOSSES, r"train/loss is logged at the steps \[0, 0\].*counter advanced")
class StepNotAdvanced(Trainer):
    def train_step(self, batch):
        loss = super().train_step(batch)
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
