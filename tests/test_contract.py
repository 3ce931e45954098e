"""What the suites promise to those who subclass them."""

import abc
import random
import shutil
import subprocess
import sys
import tempfile
import textwrap
import types
import unittest
from pathlib import Path

import suites
import torch
from mnist_vae.model import CNNVAE
from suites import (
    AbstractTestDataset,
    AbstractTestModel,
    AbstractTestTrainer,
    AbstractTestVAE,
)
from torch import nn

from .check_runs import BASE_ORDERS, case_class, checks_of, messages, run_check
from .registry import SUITES
from .subjects import INPUT_SHAPE, one_batch_trainer, small_mnist


def set_up_dataset(case):
    case.data = small_mnist()
    case.data_shape = (1, 32, 32)
    case.slight_augmentation = case.labels_follow_images = True


def set_up_model(case):
    """With all that a check may ask for, so that none is skipped."""
    layers = [nn.Linear(6, 8), nn.BatchNorm1d(8), nn.Tanh(), nn.Linear(8, 3), nn.Tanh()]
    case.net = nn.Sequential(*layers)
    case.net[0].requires_grad_(False)
    case.test_inputs = torch.randn(4, 6)
    case.output_shape = (4, 3)
    case.output_range = (-1, 1)
    case.frozen_parameters = ("0.*",)


def set_up_vae(case):
    case.net = CNNVAE(INPUT_SHAPE, 4)
    case.net.encoder[0].requires_grad_(False)
    case.test_inputs = torch.randn(4, *INPUT_SHAPE)
    case.output_range = (-1, 1)
    case.frozen_parameters = ("encoder.0.*",)


def set_up_trainer(case):
    case.trainer = one_batch_trainer(case)
    case.distributed = True


CORRECT = dict(zip(SUITES, (set_up_dataset, set_up_model, set_up_vae, set_up_trainer), strict=True))


def passes(case: unittest.TestCase, result: unittest.TestResult):
    """Fails with the first message where a result is not a plain pass."""
    problems = result.errors + result.failures + result.skipped
    if problems or result.testsRun == 0:
        case.fail(problems[0][1] if problems else "no test ran")


class TestSuites(unittest.TestCase):
    def test_define_no_name_of_a_test_case(self):
        """With TestCase first among the bases, such a name would be ignored without a word."""
        taken = set(dir(unittest.TestCase)) - set(dir(type("Plain", (), {})))
        for suite in SUITES:
            self.assertEqual(taken & set(dir(suite)), set(), suite.__name__)

    def test_are_plain_classes(self):
        for suite in SUITES:
            self.assertFalse(issubclass(suite, unittest.TestCase), suite.__name__)
            self.assertNotIsInstance(suite, abc.ABCMeta)

    def test_every_test_has_a_docstring_of_one_sentence(self):
        for suite in SUITES:
            for check in checks_of(suite):
                first_line = (getattr(suite, check).__doc__ or "").splitlines()[0:1]
                with self.subTest(check=check):
                    self.assertTrue(first_line and first_line[0].endswith("."), first_line)

    def test_pass_on_correct_subjects_in_both_base_orders(self):
        for suite, set_up in CORRECT.items():
            for base_order in BASE_ORDERS:
                case = case_class("Correct", suite, set_up, base_order)
                for check in checks_of(suite):
                    with self.subTest(suite=suite.__name__, check=check, order=base_order):
                        passes(self, run_check(case, check))


class TestForgottenAttributes(unittest.TestCase):
    def test_are_named_in_the_failure(self):
        for suite, check, attribute in (
            (AbstractTestDataset, "test_pickles", "data"),
            (AbstractTestModel, "test_output_shape", "net"),
            (AbstractTestVAE, "test_output_shape", "test_inputs"),
            (AbstractTestTrainer, "test_logs_losses", "trainer"),
        ):
            for base_order in BASE_ORDERS:
                with self.subTest(suite=suite.__name__, order=base_order):
                    set_up = set_up_without(attribute, CORRECT[suite])
                    case = case_class("Forgetful", suite, set_up, base_order)
                    found = messages(run_check(case, check).failures)
                    self.assertRegex(
                        found[0], rf"TestForgetful\.{attribute} is not set\.\nSet self"
                    )

    def test_undeclared_output_shape_skips_with_the_reason(self):
        case = case_class("Model", AbstractTestModel, set_up_undeclared_model, "suite first")
        ((_, reason),) = run_check(case, "test_output_shape").skipped
        self.assertEqual(reason, "TestModel.output_shape is not declared.")

    def test_batch_of_one_sample_is_refused(self):
        def set_up(case):
            set_up_vae(case)
            case.test_inputs = case.test_inputs[:1]

        case = case_class("Lonely", AbstractTestVAE, set_up, "suite first")
        found = messages(run_check(case, "test_batch_independence_by_value").failures)
        self.assertRegex(found[0], "at least two different")

    def test_lazy_layers_that_were_never_called_are_named(self):
        """Every check says so, or does without a net; none breaks."""

        def set_up(case):
            set_up_model(case)
            case.net = nn.Sequential(nn.LazyLinear(8), nn.Tanh(), nn.LazyLinear(3))

        case = case_class("Lazy", AbstractTestModel, set_up, "suite first")
        for check in checks_of(AbstractTestModel):
            result = run_check(case, check)
            with self.subTest(check=check):
                self.assertEqual(result.errors, [])
                for message in messages(result.failures):
                    self.assertRegex(message, r"lazy layers.*\nCall it once in setUp")


def set_up_without(attribute: str, set_up):
    def forgetful(case):
        set_up(case)
        delattr(case, attribute)

    return forgetful


def set_up_undeclared_model(case):
    set_up_model(case)
    del case.output_shape


class TestTraces(unittest.TestCase):
    """A net that is built once and shared by all tests stays as it was, in any order of tests."""

    def test_shared_net_and_random_state_are_left_alone(self):
        shared = correct_vae().net.train()
        shared.encoder.eval()  # a mode of its own
        shared(torch.randn(2, *INPUT_SHAPE)).sum().backward()  # stale gradients
        before = snapshot(shared)

        def set_up(case):
            set_up_vae(case)
            case.net = shared

        case = case_class("Shared", AbstractTestVAE, set_up, "TestCase first")
        checks = checks_of(AbstractTestVAE)
        random.Random(0).shuffle(checks)
        for check in checks:
            with self.subTest(check=check):
                result = run_check(case, check)
                state = torch.get_rng_state()
                self.assertEqual(result.failures + result.errors, [])
                torch.manual_seed(0)
                correct_vae()  # what setUp leaves behind its seed, and nothing on top of it
                self.assertTrue(torch.equal(torch.get_rng_state(), state), "random state")
                for name, value in snapshot(shared).items():
                    self.assertTrue(torch.equal(value, before[name]), name)


def correct_vae() -> types.SimpleNamespace:
    subject = types.SimpleNamespace()
    set_up_vae(subject)
    return subject


def snapshot(net: nn.Module) -> dict[str, torch.Tensor]:
    """Values, gradients and modes of a net."""
    values = {name: value.clone() for name, value in net.state_dict().items()}
    gradients = {
        f"gradient of {name}": p.grad.clone()
        for name, p in net.named_parameters()
        if p.grad is not None
    }
    modes = {f"mode of {name}": torch.tensor(m.training) for name, m in net.named_modules()}
    return values | gradients | modes


class TestThirdSplit(unittest.TestCase):
    def test_is_checked_once_splits_names_it(self):
        class TestThree(unittest.TestCase, AbstractTestDataset):
            def setUp(self):
                set_up_dataset(self)
                self.data.val_data = []

            def splits(self):
                return {**super().splits(), "val_data": self.data.val_data}

        result = run_check(TestThree, "test_samples_have_the_declared_shape")
        self.assertIn("split='val_data'", str(result.failures[0][0]))
        self.assertRegex(messages(result.failures)[0], "The split is empty")


class TestForeignProject(unittest.TestCase):
    """The folder of suites, copied alone into another project, checks a model it never saw."""

    TESTS = textwrap.dedent('''
        import unittest
        import torch
        from torch import nn
        from .suites import AbstractTestModel

        class Classifier(nn.Module):
            """Returns a tuple and takes sequences."""
            def __init__(self):
                super().__init__()
                self.rnn = nn.GRU(5, 7, batch_first=True)
                self.head = nn.Linear(7, 3)
            def forward(self, inputs):
                states, _ = self.rnn(inputs)
                return self.head(states[:, -1]), states

        class TestClassifier(unittest.TestCase, AbstractTestModel):
            output_shape = [(3, 3), (3, 9, 7)]
            def setUp(self):
                self.net = Classifier()
                self.test_inputs = torch.randn(3, 9, 5)

        class TestBroken(TestClassifier):
            def setUp(self):
                super().setUp()
                self.net.head.requires_grad_(False)
    ''')

    def test_suites_run_without_the_project(self):
        with tempfile.TemporaryDirectory() as directory:
            checks = Path(directory) / "checks"
            shutil.copytree(Path(suites.__file__).parent, checks / "suites")
            (checks / "__init__.py").touch()
            (checks / "test_classifier.py").write_text(self.TESTS)
            done = subprocess.run(
                [sys.executable, "-m", "unittest", "-v", "checks.test_classifier"],
                cwd=directory,
                capture_output=True,
                text=True,
            )
        self.assertIn("Classifier.head.weight is frozen, but not declared", done.stderr)
        self.assertIn("FAILED (failures=2", done.stderr)  # weight and bias, nothing else
        self.assertNotIn("ERROR", done.stderr)


class TestConstantWeights(unittest.TestCase):
    def test_a_linear_layer_adds_up_its_inputs(self):
        head = suites.set_constant_weights(nn.Linear(3, 2), value=0.5, bias=1.0)
        outputs = head(torch.tensor([[1.0, 2.0, 3.0]]))
        torch.testing.assert_close(outputs, torch.tensor([[4.0, 4.0]]))

    def test_a_convolution_adds_up_its_window(self):
        net = suites.set_constant_weights(nn.Sequential(nn.Conv2d(2, 1, 3), nn.ReLU()), 2.0)
        torch.testing.assert_close(net(torch.ones(1, 2, 3, 3)), torch.full((1, 1, 1, 1), 36.0))
