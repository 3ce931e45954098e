"""Bugs that the checks of suites/trainer/processes.py are meant for."""

from unittest import mock

import torch
import torch.distributed as dist
from mnist_vae.checkpoint import read_checkpoint, write_checkpoint
from mnist_vae.distributed import all_reduce_number, world_size
from mnist_vae.trainer import Trainer
from suites.trainer.processes import SIZE
from torch.utils.data import DataLoader, DistributedSampler
from torch.utils.tensorboard import SummaryWriter

from ...seeding import trainer_bug
from .bases import PlainLoader, terms

STEPS = "test_processes_take_the_steps_of_one"
SHARES = "test_processes_share_every_epoch"
EVALUATION = "test_processes_evaluate_together"
STATISTICS = "test_processes_have_the_same_statistics"
FILES = "test_first_process_logs_and_saves"
RANDOM = "test_processes_draw_their_own_random_numbers"


def process_bug(check: str, message: str, source: str = "common knowledge"):
    return trainer_bug(check, message, source=source, distributed=True)


def in_processes() -> bool:
    return dist.is_initialized()


@process_bug(STEPS, r"In process 0 of two, \S+ is not .*averaged once")
class GradientsAveraged(Trainer):
    """Where they are to be summed, since each process has computed its share of the loss."""

    def losses(self, batch):
        recon_loss, kl_div_loss = super().losses(batch).values()
        share = 0.5 if in_processes() else 1.0
        return terms(share * recon_loss, share * kl_div_loss)


@process_bug(
    STEPS,
    r"In process 0 of two, \S+ is not .*unequal shares",
    source="reported: torchtitan PR#4167 (mean of means)",
)
class MeanOfUnequalShares(Trainer):
    """Every process averages its own samples, and the processes count alike."""

    def losses(self, batch):
        recon_loss, kl_div_loss = super().losses(batch).values()
        if in_processes():
            size = torch.tensor(float(len(batch[0])))
            dist.all_reduce(size)
            weight = size.item() / 2 / len(batch[0])
            recon_loss, kl_div_loss = recon_loss * weight, kl_div_loss * weight
        return terms(recon_loss, kl_div_loss)


@process_bug(STEPS, r"In process \d of two, \S+ is not what it is in a single process")
class NotReplicated(Trainer):
    """Every process trains a model of its own."""

    def train_step(self, batch):
        with mock.patch("mnist_vae.loop.all_reduce_gradients"):
            return super().train_step(batch)


@process_bug(STEPS, r"In process 0 of two, \S+ is not what it is")
class ClippedBeforeAveraging(Trainer):
    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        for parameter in self.model.parameters():
            parameter.register_hook(lambda gradient: gradient / gradient.norm().clamp(min=1))


@process_bug(SHARES, r"In epoch 0 two processes use the samples .* of 17.*own share")
class EveryProcessHasAllSamples(Trainer):
    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        self.train_loader = PlainLoader(self.data.train_data, self.batch_size, shuffle=True)


@process_bug(SHARES, r"In epoch 0 two processes use .*without padding")
class SharesPadded(Trainer):
    """The sampler repeats a sample, so that all shares have the same size."""

    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        if in_processes():
            data = self.data.train_data
            self.train_loader = PlainLoader(
                data, self.batch_size // 2, sampler=DistributedSampler(data)
            )


@process_bug(SHARES, r"Two epochs have the same order in every process.*told the epoch")
class SamplerNotToldTheEpoch(Trainer):
    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        if in_processes():
            self.train_loader.batches.order = lambda generator: torch.arange(SIZE)


@process_bug(
    EVALUATION,
    r"eval\(\) returns .* in process 0 of two.*added up over all processes",
    source="reported: pytorch#25162, Lightning#2398",
)
class EvaluatesOwnShare(Trainer):
    def mean_over_test_data(self, mean):
        with mock.patch("mnist_vae.evaluation.all_reduce_number", lambda value, device: value):
            return super().mean_over_test_data(mean)


@process_bug(
    EVALUATION, r"eval\(\) returns .* in process \d of two", source="reported: torchtitan PR#4167"
)
class MeanOfTheMeansOfProcesses(Trainer):
    """Their shares of the test split are not equal."""

    def mean_over_test_data(self, mean):
        with mock.patch("mnist_vae.evaluation.all_reduce_number", lambda value, device: value):
            own = super().mean_over_test_data(mean)
        return all_reduce_number(own, self.device) / world_size()


@process_bug(
    EVALUATION,
    r"eval\(\) returns .* in process \d of two.*samples that pad a share",
    source="pytorch#25162, Lightning#2398, rf-detr#1507",
)
class EvaluationPadded(Trainer):
    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        if in_processes():
            data = self.data.test_data
            sampler = DistributedSampler(data, shuffle=False)
            self.test_loader = DataLoader(
                data, self.batch_size, sampler=sampler, generator=torch.Generator()
            )


@process_bug(STATISTICS, r"normalisation\.running_mean differs between the processes")
class StatisticsOfEachProcess(Trainer):
    """Evaluation and checkpoints have those of the process that happens to compute them."""

    def log_evaluation(self):
        with mock.patch("mnist_vae.evaluation.broadcast_buffers"):
            super().log_evaluation()


@process_bug(FILES, r"The second process writes checkpoint.*overwrite each other")
class EveryProcessSaves(Trainer):
    def save(self, path):
        super().save(path)
        torch.save({"model": self.model.state_dict()}, path.with_suffix(f".{id(self)}"))


@process_bug(FILES, r"The second process writes events")
class EveryProcessLogs(Trainer):
    @property
    def summary(self):
        if "writer" not in vars(self):
            self.writer = SummaryWriter(str(self.log_dir))
        return self.writer

    @summary.setter
    def summary(self, writer):
        self.writer = writer


@process_bug(FILES, r"cannot load the checkpoint of two.*prefix before each name")
class NamesOfTheWrapper(Trainer):
    def save(self, path):
        super().save(path)
        if in_processes() and dist.get_rank() == 0:
            checkpoint = read_checkpoint(path)
            weights = checkpoint["model"].items()
            checkpoint["model"] = {f"module.{name}": weight for name, weight in weights}
            write_checkpoint(checkpoint, path)


@process_bug(RANDOM, r"Both processes draw the same random numbers.*augment alike")
class SameSeedInEveryProcess(Trainer):
    def __init__(self, *arguments, **settings):
        state = torch.get_rng_state()
        super().__init__(*arguments, **settings)
        torch.set_rng_state(state)


@process_bug(STEPS, r"Two processes did not come to an end: RuntimeError: a rank is lost")
class OneProcessFails(Trainer):
    def train(self, epochs):
        if in_processes() and dist.get_rank() == 1:
            raise RuntimeError("a rank is lost")
        super().train(epochs)
