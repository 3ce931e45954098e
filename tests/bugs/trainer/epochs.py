"""Bugs that the checks of suites/trainer/epochs.py are meant for."""

import itertools
import random

import torch
from mnist_vae.batches import to_device
from mnist_vae.trainer import Trainer
from torch.utils.data import DataLoader, RandomSampler, Subset

from ...seeding import trainer_bug
from .bases import PlainLoader

ONCE = "test_an_epoch_has_every_training_sample_once"
ORDER = "test_every_epoch_has_its_own_order"
MODE = "test_trains_in_training_mode"
REPEATABLE = "test_same_seed_same_run"
GENERATES = "test_generates_images"
PAIRS = "test_generated_pairs_belong_together"
DEVICE = "test_batches_are_moved_to_the_device"


class LoopTrainer(Trainer):
    """Correct. Its loop is written out, so that a bug can take the place of a part."""

    def train(self, epochs):
        for _ in range(epochs):
            self.model.train()
            for batch in self.batches():
                self.train_step(to_device(batch, self.device))
            self.end_epoch()

    def batches(self):
        return self.train_loader


@trainer_bug(
    ONCE,
    r"Epoch 0 uses 8 training samples.*expected 11 of 11.*last batch dropped",
    source="reported: ai2cm/ace#647 (drop_last omits a large part)",
)
class LastBatchDropped(Trainer):
    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        size = self.batch_size
        self.train_loader = PlainLoader(self.data.train_data, size, shuffle=True, drop_last=True)


@trainer_bug(ONCE, r"Epoch 0 uses 4 training samples.*left early")
class BreakLeftIn(LoopTrainer):
    def batches(self):
        for batch in self.train_loader:
            yield batch
            break


@trainer_bug(
    ONCE, r"Epoch 1 uses 0 training samples.*used up", source="Python docs, iterator protocol"
)
class IteratorCreatedOnce(LoopTrainer):
    def batches(self):
        if not hasattr(self, "iterator"):
            self.iterator = iter(self.train_loader)
        return self.iterator


@trainer_bug(
    ONCE,
    r"Epoch 0 has batches of \[1, 1.* and 11 optimizer steps.*at most 3 steps",
    source="transferlearning PR#437 (parameter not passed through)",
)
class BatchSizeIgnored(Trainer):
    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        self.train_loader = PlainLoader(self.data.train_data, shuffle=True)


@trainer_bug(
    ONCE,
    r"Epoch 0 uses 0 training samples",
    source="reported: cosmoflow-benchmark#48, sparseml PR#159 (epoch counting)",
)
class OneEpochTooFew(Trainer):
    def train(self, epochs):
        super().train(epochs - 1)


@trainer_bug(ONCE, r"Epoch 0 uses 11 training samples, \d of them different.*some repeated")
class DrawnWithReplacement(Trainer):
    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        data = self.data.train_data
        sampler = torch.utils.data.RandomSampler(data, replacement=True)
        self.train_loader = PlainLoader(data, self.batch_size, sampler=sampler)


@trainer_bug(ONCE, r"An epoch of 66 batches of one sample uses 50 of them.*left over")
class BreakAfterFiftyBatches(LoopTrainer):
    def batches(self):
        return itertools.islice(self.train_loader, 50)


class FilledUp(RandomSampler):
    """Repeats the first samples of an epoch at its end, so that all batches are full."""

    def __init__(self, data, batch_size):
        super().__init__(data)
        self.batch_size = batch_size

    def __iter__(self):
        order = list(super().__iter__())
        missing = -len(order) % self.batch_size if len(order) > self.batch_size else 0
        return iter(order + order[:missing])


@trainer_bug(ONCE, r"Epoch 0 uses 12 training samples, 11 of them different.*some repeated")
class LastBatchFilledUp(Trainer):
    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        data = self.data.train_data
        self.train_loader = PlainLoader(
            data, self.batch_size, sampler=FilledUp(data, self.batch_size)
        )


@trainer_bug(ORDER, r"Two epochs have the training samples in the same order.*shuffle missing")
class NotShuffled(Trainer):
    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        self.train_loader = PlainLoader(self.data.train_data, self.batch_size)


@trainer_bug(ORDER, r"Two epochs have .*seeded anew in every epoch")
class SeededEveryEpoch(LoopTrainer):
    def batches(self):
        torch.manual_seed(0)
        return self.train_loader


@trainer_bug(ORDER, r"the same with two seeds.*seed a generator itself")
class ShufflesWithItsOwnSeed(Trainer):
    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        generator = torch.Generator().manual_seed(0)
        self.train_loader = PlainLoader(
            self.data.train_data, self.batch_size, shuffle=True, generator=generator
        )


@trainer_bug(MODE, r"In step 0 of 6 .*eval mode")
class NeverInTrainingMode(LoopTrainer):
    def batches(self):
        self.model.eval()
        return self.train_loader


@trainer_bug(
    MODE,
    r"In step 0 of 6 .*eval mode",
    source="pfn-extras#688, vsepp#4 (mode not restored after evaluation)",
)
class NeverSwitchesToTrainingMode(Trainer):
    """Right for a new model, wrong for one that was evaluated before."""

    def train(self, epochs):
        self.model.train = lambda mode=True: self.model
        super().train(epochs)


@trainer_bug(MODE, r"In step 0 of 6 .*eval mode", stops_within_epochs=False)
class ModeLeftToTheCaller(LoopTrainer):
    """Evaluation puts every module back, so that only who passes a model in eval mode is lost."""

    def train(self, epochs):
        for _ in range(epochs):
            for batch in self.batches():
                self.train_step(to_device(batch, self.device))
            self.end_epoch()


@trainer_bug(
    MODE,
    r"In step 3 of 6 .*eval mode.*after each evaluation",
    source="ncsn#2, pytorch-fcn PR#56, joeynmt#184",
)
class TrainingModeOnlyAtTheStart(Trainer):
    def train(self, epochs):
        self.model.train()
        self.model.train = lambda mode=True: self.model
        super().train(epochs)

    def eval(self):
        loss = super().eval()
        for module in self.model.modules():
            module.training = False
        return loss


@trainer_bug(MODE, r"Step 0 trains on samples of the test split")
class SplitsInterchanged(Trainer):
    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        self.train_loader, self.test_loader = (
            PlainLoader(self.data.test_data, self.batch_size, shuffle=True),
            DataLoader(self.data.train_data, self.batch_size, generator=torch.Generator()),
        )


@trainer_bug(REPEATABLE, r"Two runs with the same seed differ.*no seed of torch")
class OrderFromTheSystem(LoopTrainer):
    """Two runs have the same order of 11 samples once in 40 million times."""

    save = property()  # nor can it be resumed
    load = property()

    def batches(self):
        size = len(self.data.train_data)
        order = random.SystemRandom().sample(range(size), size)
        return DataLoader(Subset(self.data.train_data, order), self.batch_size)


@trainer_bug(GENERATES, r"gives the same image twice.*index")
class OneIndexForAll(Trainer):
    def generate(self, n):
        return super().generate(1).repeat(n, 1, 1, 1)


@trainer_bug(GENERATES, r"returns a tensor with a graph")
class GeneratesWithGraph(Trainer):
    def generate(self, n):
        images = torch.stack([self.data.test_data[i][0] for i in range(n)])
        return torch.cat([images, self.reconstruct(images)], dim=3)


@trainer_bug(GENERATES, r"generate\(2\) gives 3 images")
class OneImageTooMany(Trainer):
    def generate(self, n):
        return super().generate(min(n + 1, len(self.data.test_data)))


@trainer_bug(PAIRS, r"the right halves of generate\(2\) are not .* / 2.*another order")
class PairsMisaligned(Trainer):
    def generate(self, n):
        left, right = super().generate(n).chunk(2, dim=3)
        return torch.cat([left, right.roll(1, dims=0)], dim=3)


@trainer_bug(PAIRS, r"the left halves .*interchanged")
class HalvesInterchanged(Trainer):
    def generate(self, n):
        left, right = super().generate(n).chunk(2, dim=3)
        return torch.cat([right, left], dim=3)


@trainer_bug(PAIRS, r"the right halves .*clipped")
class DarkHalfClipped(Trainer):
    def generate(self, n):
        return super().generate(n).clamp(min=0.5)


@trainer_bug(PAIRS, r"the left halves .*another split")
class TrainingImagesShown(Trainer):
    def generate(self, n):
        self.data.test_data, test_data = self.data.train_data, self.data.test_data
        images = super().generate(n)
        self.data.test_data = test_data
        return images


@trainer_bug(
    DEVICE,
    r"train\(\) gives the model inputs on cpu; the trainer is on meta",
    source="Humbatova et al. 2020, taxonomy (missing destination GPU device)",
)
class BatchesNotMoved(Trainer):
    def train(self, epochs):
        device, self.device = self.device, torch.device("cpu")
        super().train(epochs)
        self.device = device


@trainer_bug(
    DEVICE,
    r"eval\(\) gives the model inputs on cpu.*Move each batch",
    source="Humbatova et al. 2020, taxonomy (missing destination GPU device)",
)
class TestBatchesNotMoved(Trainer):
    def mean_over_test_data(self, mean):
        device, self.device = self.device, torch.device("cpu")
        loss = super().mean_over_test_data(mean)
        self.device = device
        return loss


@trainer_bug(
    DEVICE,
    r"generate\(\) gives the model inputs on cpu",
    source="Humbatova et al. 2020, taxonomy (missing destination GPU device)",
)
class GeneratedOnTheCPU(Trainer):
    def generate(self, n):
        device, self.device = self.device, torch.device("cpu")
        images = super().generate(n)
        self.device = device
        return images
