"""Test cases that the check of suites/trainer/completeness.py is meant for."""

import copy
from functools import partial
from types import SimpleNamespace

from mnist_vae.model import MLPVAE
from suites import AbstractTestTrainer, AbstractTestVAETrainer

from ...loops.classifier import set_up_classifier
from ...loops.regression import AdoptedFitter, Fitter
from ...seeding import adopted_bug, seed
from ...subjects import set_up_trainer

CHECK = "test_trainer_can_be_checked"
regression_bug = partial(adopted_bug, AdoptedFitter, CHECK)


def case_bug(message: str, suite: type = AbstractTestTrainer):
    """For a function that sets up a test case."""

    def decorate(function):
        return seed(function, suite, CHECK, message, function, "common knowledge")

    return decorate


@case_bug(r"SimpleNamespace has no model \(define \S+\.model_of\(trainer\)")
def model_under_another_name(case):
    case.new_trainer = lambda model, data, batch_size: SimpleNamespace(net=model, data=data)
    case.trainer = SimpleNamespace(net=MLPVAE((1, 8, 8), 2), data=None, train=print)


@case_bug(r"no train\(epochs\) \(define \S+\.train\(trainer, epochs\)\)\.\nEvery check needs it")
def no_train(case):
    set_up_classifier(case)
    case.trainer = SimpleNamespace(model=case.trainer.model, data=case.trainer.data)


@case_bug(r"new_trainer is not set\.\nSet self\.new_trainer in setUp")
def no_function_that_builds_it(case):
    set_up_classifier(case)
    del case.new_trainer


@case_bug(r"MLPVAE is a VAE: subclass AbstractTestVAETrainer")
def vae_under_the_general_suite(case):
    set_up_trainer(case)


@case_bug(r"Sequential has no encode, bottleneck and decode", AbstractTestVAETrainer)
def classifier_under_the_suite_for_vaes(case):
    set_up_classifier(case)


@case_bug(r"The data have no test_data\.\nDefine \S+\.data_of")
def data_with_one_split(case):
    set_up_classifier(case)
    case.trainer.data = SimpleNamespace(train_data=case.trainer.data.train_data)


@regression_bug(r"new_trainer keeps another model than the one it is given")
class BuildsItsOwnModel(Fitter):
    def __init__(self, net, rate=0.02):
        super().__init__(copy.deepcopy(net), rate)
