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
from collections.abc import Iterator
from pathlib import Path

import suites
import torch
import torch.nn.functional as F
from suites import (
    AbstractTestDataset,
    AbstractTestLoss,
    AbstractTestModel,
    AbstractTestVAE,
)
from torch import nn

from .check_runs import BASE_ORDERS, case_class, checks_of, messages, run_check
from .made_datasets import Made, Shuffled, made, moving, padded, ragged, streams, turned
from .registry import SUITES, variants
from .subjects import INPUT_SHAPE, LabelledVAE, small_mnist


def set_up_dataset(case):
    case.data = small_mnist()
    case.data_shape = (1, 32, 32)
    case.slight_augmentation = case.labels_follow_images = case.strict_indices = True
    case.samples_are_copies = True


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
    case.net = LabelledVAE(INPUT_SHAPE, 4)
    case.net.encoder[0].requires_grad_(False)
    case.test_inputs = torch.randn(4, *INPUT_SHAPE), torch.arange(4)
    case.mean_in_eval_mode = False
    case.output_range = (-1, 1)
    case.frozen_parameters = ("encoder.0.*",)


def set_up_loss(case):
    case.loss = nn.CrossEntropyLoss()
    case.outputs = torch.randn(4, 3)
    case.targets = torch.tensor([0, 2, 1, 1])


CORRECT = {
    AbstractTestDataset: set_up_dataset,
    AbstractTestModel: set_up_model,
    AbstractTestVAE: set_up_vae,
    AbstractTestLoss: set_up_loss,
}


def set_up_masks(case):
    """Masks that turn with their pictures, in a dataset with a generator of its own."""
    vars(case).update(moving(turned))
    case.data.train_data = DrawnFromTheSystem(turned, 120)
    case.num_samples = {"train_data": 120}


class DrawnFromTheSystem(Made):
    """Its brightness has a generator of its own, which no worker can replay."""

    def __getitem__(self, index):
        image, mask = super().__getitem__(index)
        return image - 0.05 * random.SystemRandom().random(), mask


def set_up_texts(case):
    """Texts of several lengths, put together by a function; of two kinds that are as frequent."""
    vars(case).update(made(ragged, (None,), data_dtype=torch.int64, collate_fn=padded))
    case.class_shares = [0.5, 0.5]


def set_up_streams(case):
    vars(case).update(streams(Shuffled(0, 60), Shuffled(60, 40)))


# Beside CORRECT, so that each check of a suite has a subject that it does not skip.
FURTHER: dict = {AbstractTestDataset: (set_up_masks, set_up_texts, set_up_streams)}


def correct_cases(suite: type, base_order: str) -> Iterator[type]:
    """Test cases of correct subjects: those above, and the variants."""
    for subject in (CORRECT[suite], *FURTHER.get(suite, ())):
        yield case_class("Correct", suite, subject, base_order)
    for variant in variants():
        if variant.suite is suite:
            yield case_class(variant.name, suite, variant.set_up, base_order)


def passes(case: unittest.TestCase, results: list[unittest.TestResult]):
    """Fails with the first message where no result is a plain pass, or one is a failure."""
    problems = [problem for result in results for problem in result.errors + result.failures]
    skipped = [result.skipped[0] for result in results if result.skipped]
    if problems or len(skipped) == len(results):
        case.fail((problems + skipped)[0][1])


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

    def test_every_check_passes_on_some_subject_in_both_base_orders(self):
        """No one subject has all that the checks ask for; those that inherit one need none."""
        checked: set[str] = set()
        for suite in CORRECT:
            own = [check for check in checks_of(suite) if check not in checked]
            checked.update(own)
            for base_order in BASE_ORDERS:
                cases = list(correct_cases(suite, base_order))
                for check in own:
                    with self.subTest(suite=suite.__name__, check=check, order=base_order):
                        results = (run_check(case, check) for case in cases)
                        self.assertTrue(any(r.wasSuccessful() and not r.skipped for r in results))

    def test_correct_subjects_pass_in_both_base_orders(self):
        for suite, set_up in CORRECT.items():
            for base_order in BASE_ORDERS:
                for subject in (set_up, *FURTHER.get(suite, ())):
                    case = case_class("Correct", suite, subject, base_order)
                    for check in checks_of(suite):
                        with self.subTest(suite=suite.__name__, check=check, order=base_order):
                            result = run_check(case, check)
                            self.assertEqual(result.errors + result.failures, [])


class TestForgottenAttributes(unittest.TestCase):
    def test_are_named_in_the_failure(self):
        for suite, check, attribute in (
            (AbstractTestDataset, "test_pickles", "data"),
            (AbstractTestModel, "test_output_shape", "net"),
            (AbstractTestVAE, "test_output_shape", "test_inputs"),
            (AbstractTestLoss, "test_loss_is_deterministic", "outputs"),
            (AbstractTestLoss, "test_right_answers_cost_least", "targets"),
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

    def test_what_a_loss_cannot_be_declared_to_do_is_named(self):
        def set_up(case):
            set_up_loss(case)
            case.reduction = "average"

        case = case_class("Loss", AbstractTestLoss, set_up, "suite first")
        found = messages(run_check(case, "test_loss_has_the_declared_shape").failures)
        self.assertRegex(found[0], r"^TestLoss.reduction is 'average'; expected one of")

    def test_losses_that_cannot_be_judged_are_refused_once(self):
        for message, attributes in (
            ("outputs has 1 samples; expected at least", {"outputs": torch.randn(1, 3)}),
            (
                "returns dict; expected a tensor",
                {"loss": lambda outputs, targets: {"loss": outputs}},
            ),
            ("returns float; expected a tensor", {"loss": lambda outputs, targets: 0.5}),
            ("raises ValueError for the given outputs", {"targets": torch.zeros(5, dtype=int)}),
            ("raises TypeError for the given outputs", {"loss": lambda outputs: outputs.mean()}),
        ):

            def set_up(case, attributes=attributes):
                set_up_loss(case)
                vars(case).update(attributes)

            case = case_class("Loss", AbstractTestLoss, set_up, "suite first")
            with self.subTest(message=message):
                results = [run_check(case, check) for check in checks_of(AbstractTestLoss)]
                self.assertEqual([r.errors for r in results if r.errors], [])
                (failure,) = [f for result in results for f in result.failures]
                self.assertRegex(messages([failure])[0], message)

    def test_loss_in_the_body_of_the_class_gets_no_self(self):
        """Python would make a method of a function there."""

        class TestBody(unittest.TestCase, AbstractTestLoss):
            loss = F.cross_entropy
            outputs, targets = torch.randn(4, 3), torch.tensor([0, 2, 1, 1])

        passes(self, [run_check(TestBody, "test_right_answers_cost_least")])

    def test_batch_of_one_sample_is_refused(self):
        def set_up(case):
            case.net, case.test_inputs = nn.Linear(6, 3), torch.randn(1, 6)

        case = case_class("Lonely", AbstractTestModel, set_up, "suite first")
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
        shared(*correct_vae().test_inputs).sum().backward()  # stale gradients
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
