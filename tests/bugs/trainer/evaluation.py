"""Bugs that the checks of suites/trainer/evaluation.py are meant for."""

from contextlib import contextmanager

import torch
from mnist_vae.trainer import Trainer
from torch.utils.data import DataLoader

from ...loops.averaging import AveragesWeights
from ...seeding import classifier_bug, trainer_bug

MODE = "test_evaluates_in_eval_mode"
UNCHANGED = "test_evaluation_leaves_everything_as_it_was"
DETERMINISTIC = "test_evaluation_is_deterministic"
ONCE = "test_evaluation_sees_every_test_sample_once"
TRAINING_DATA = "test_evaluation_does_not_depend_on_training_data"


@contextmanager
def in_training_mode(model):
    """What `model.eval` without parentheses comes to."""
    switch, model.eval = model.eval, lambda: model
    yield
    model.eval = switch


@trainer_bug(
    MODE,
    r"In eval\(\) the model.*is in training mode.*model\.eval\(\) missing",
    source="wolny/pytorch-3dunet#53, DeepHyperX#51; Karpathy tweet item 2",
)
class EvaluatesInTrainingMode(Trainer):
    def eval(self):
        self.model.train()
        with in_training_mode(self.model):
            return super().eval()


@trainer_bug(
    MODE,
    r"In generate\(\) the model.*is in training mode",
    source="wolny/pytorch-3dunet#53; Karpathy tweet item 2",
)
class GeneratesInTrainingMode(Trainer):
    def generate(self, n):
        self.model.train()
        with in_training_mode(self.model):
            return super().generate(n)


@trainer_bug(MODE, r"eval\(\) records gradients")
class EvaluatesWithGraph(Trainer):
    def reconstruct(self, images):
        with torch.enable_grad():
            return super().reconstruct(images).detach()


@trainer_bug(
    UNCHANGED,
    r"eval\(\) changes the mode of the model",
    source="pfn-extras#688, vsepp#4 (mode not restored after evaluation)",
)
class StaysInEvalMode(Trainer):
    def eval(self):
        loss = super().eval()
        self.model.eval()
        return loss


@trainer_bug(UNCHANGED, r"generate\(\) changes the mode of the model")
class SwitchesToTrainingMode(Trainer):
    """Harmless in the loop; wrong for whoever evaluates a finished model."""

    def generate(self, n):
        images = super().generate(n)
        self.model.train()
        return images


@trainer_bug(UNCHANGED, r"eval\(\) changes torch's random state")
class EvaluationDrawsASeed(Trainer):
    """A DataLoader without a generator draws from the global one."""

    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        self.test_loader = DataLoader(self.data.test_data, self.batch_size)


@trainer_bug(
    UNCHANGED,
    r"eval\(\) changes normalisation\.running_mean",
    source="How to Trust Your Deep Learning Code; wolny/pytorch-3dunet#53",
)
class EvaluationUpdatesStatistics(Trainer):
    def eval(self):
        self.model.train()
        with in_training_mode(self.model):
            return super().eval()


@trainer_bug(UNCHANGED, r"eval\(\) changes requires_grad of inputs\.weight")
class EvaluationFreezes(Trainer):
    def eval(self):
        self.model.requires_grad_(False)
        loss = super().eval()
        return loss


@trainer_bug(UNCHANGED, r"eval\(\) changes the learning rate")
class EvaluationDecaysTheLearningRate(Trainer):
    def eval(self):
        self.optimizer.param_groups[0]["lr"] *= 0.9
        return super().eval()


@trainer_bug(DETERMINISTIC, r"eval\(\) returns .*, and then .*sampled")
class EvaluatesASample(Trainer):
    def reconstruct(self, images):
        return self.model.decode(self.model.bottleneck(*self.model.encode(images)))


@trainer_bug(
    ONCE,
    r"reads 11 samples of the training split.*interchanged",
    source="luxonis-train PR#213 (validation split was 'Train')",
)
class EvaluatesTrainingData(Trainer):
    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        self.test_loader = DataLoader(
            self.data.train_data, self.batch_size, generator=torch.Generator()
        )


@trainer_bug(ONCE, r"reads 8 of 10 test samples.*last batch dropped")
class LastTestBatchDropped(Trainer):
    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        self.test_loader = DataLoader(
            self.data.test_data, self.batch_size, drop_last=True, generator=torch.Generator()
        )


@trainer_bug(
    ONCE,
    r"some of the 10 test samples more often",
    source="pytorch#25162, Lightning#2398, rf-detr#1507",
)
class TestSplitPadded(Trainer):
    """What a distributed sampler does, so that the shares are equal."""

    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        data = self.data.test_data
        padding = torch.utils.data.Subset(data, [0])
        padded = torch.utils.data.ConcatDataset([data, padding])
        self.test_loader = DataLoader(padded, self.batch_size, generator=torch.Generator())


@trainer_bug(ONCE, r"reads 5 of 10 test samples.*left early")
class FirstSamplesOnly(Trainer):
    """Left over from a quick look."""

    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        data = self.data.test_data
        first = torch.utils.data.Subset(data, range(min(5, len(data))))
        self.test_loader = DataLoader(first, self.batch_size, generator=torch.Generator())


@trainer_bug(DETERMINISTIC, r"with a batch size of 4 and .* with 10.*mean of the means")
class MeanOfBatchMeans(Trainer):
    def mean_over_test_data(self, mean):
        means = []

        def noted(batch):
            means.append(mean(batch))
            return means[-1]

        super().mean_over_test_data(noted)
        return (sum(means) / len(means)).item()


@trainer_bug(DETERMINISTIC, r"with a batch size of 4 .*divided by their number")
class DividedByTheNumberOfBatches(Trainer):
    def mean_over_test_data(self, mean):
        mean = super().mean_over_test_data(mean)
        return mean * len(self.data.test_data) / len(self.test_loader)


@trainer_bug(TRAINING_DATA, r"with 11 training samples and .* with 6.*size of the training split")
class DividedByTheTrainingSplit(Trainer):
    def mean_over_test_data(self, mean):
        mean = super().mean_over_test_data(mean)
        return mean * len(self.data.test_data) / len(self.data.train_data)


@trainer_bug(UNCHANGED, r"elbo\(\) changes torch's random state")
class ELBOWithFreshNoise(Trainer):
    def elbo(self, losses=None):
        return self.mean_over_test_data(lambda batch: -sum(self.losses(batch).values()))


@trainer_bug(
    MODE, r"In sample_prior\(\) the model.*is in training mode", source="Karpathy tweet item 2"
)
class PriorSamplesInTrainingMode(Trainer):
    def sample_prior(self, n):
        self.model.train()
        with in_training_mode(self.model):
            return super().sample_prior(n)


@classifier_bug("test_evaluates_in_eval_mode", r"In eval\(\) the model.*is in training mode")
class AverageInTrainingMode(AveragesWeights):
    """The averaged model is one of its own, which eval() of the other does not switch."""

    def eval(self):
        self.average.train()
        with torch.no_grad():
            return self.totals_of(self.average)

    def totals_of(self, model):
        self.model, trained = model, self.model
        found = self.totals()
        self.model = trained
        return found
