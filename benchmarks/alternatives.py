"""What a user could pick instead of the suites, as test cases with the same attributes.

`Article…` are the checks of the article "How to Trust Your Deep Learning Code" (2020) and of the
code published with it, written anew to do the same, mistakes included. `Torchtest…` and
`Torcheck…` call the packages of these names with all their checks switched on. Each class below
takes the place of a suite: it reads the same attributes of a test case.
"""

import copy
from unittest import mock

import numpy as np
import scipy.stats
import torch
import torch.nn.functional as F
from suites import AbstractTestDataset, AbstractTestModel, AbstractTestVAE, AbstractTestVAETrainer
from torch import nn
from torch.utils.data import DataLoader


class ArticleDatasetTests:
    """Every check runs over both splits."""

    def splits(self):
        return self.data.train_data, self.data.test_data

    def test_scaling(self):
        for split in self.splits():
            for sample, _ in split:
                self.assertLessEqual(sample.max(), 1)
                self.assertGreaterEqual(sample.min(), -1)
                self.assertTrue((sample < 0).any() and (sample > 0).any())

    def test_augmentation(self):
        """Passes where a single sample of the training split varies."""
        train, test = ([self.is_fixed(s, i) for i in range(len(s))] for s in self.splits())
        self.assertFalse(all(train))
        self.assertTrue(all(test))

    def is_fixed(self, split, index: int) -> bool:
        """Differences may cancel in the sum."""
        return bool((split[index][0] - split[index][0]).sum() == 0)

    def test_loading_in_this_process(self):
        self.load(workers=0)

    def test_loading_in_workers(self):
        self.load(workers=2)

    def load(self, workers: int):
        for split in self.splits():
            for _ in DataLoader(split, batch_size=4, num_workers=workers):
                pass


class ArticleModelTests:
    @torch.no_grad()
    def test_shape(self):
        expected = getattr(self, "output_shape", None) or self.test_inputs.shape
        self.assertEqual(self.net(self.test_inputs).shape, expected)

    @torch.no_grad()
    def test_device_moving(self):
        """The "copy" on the GPU is the net itself, so that it compares the GPU with the CPU's."""
        if not torch.cuda.is_available():
            self.skipTest("There is no GPU.")
        moved = self.net.to("cuda:0")
        torch.manual_seed(42)
        on_cpu = self.net(self.test_inputs)
        torch.manual_seed(42)
        on_gpu = moved(self.test_inputs.to("cuda:0"))
        self.assertAlmostEqual(0.0, (on_cpu - on_gpu.cpu()).sum())

    def test_batch_independence(self):
        """The batch size is read from the first sample: it is the number of channels."""
        inputs = self.test_inputs.clone().requires_grad_()
        self.net.eval()
        outputs = self.net(inputs)
        self.net.train()
        masked = torch.randint(0, inputs[0].shape[0], ())
        mask = torch.ones_like(outputs)
        mask[masked] = 0
        (outputs * mask).mean().backward()
        for index, gradient in enumerate(inputs.grad):
            self.assertEqual(bool((gradient == 0).all()), index == masked)

    def test_all_parameters_updated(self):
        """Looks at the gradients only, of the mean of the outputs."""
        optimizer = torch.optim.SGD(self.net.parameters(), lr=0.1)
        optimizer.zero_grad()
        self.net(self.test_inputs).mean().backward()
        for parameter in self.net.parameters():
            self.assertIsNotNone(parameter.grad)
            self.assertNotEqual((parameter.grad**2).sum(), 0.0)
        optimizer.zero_grad()


class ArticleTrainerTests:
    @torch.no_grad()
    def test_kl_divergence(self):
        """Against histograms of random samples, which see [-2, 2] only."""
        np.random.seed(42)
        mu, sigma = np.random.randn(10) * 0.25, np.random.randn(10) * 0.1 + 1
        noise = np.random.randn(100_000, 10)
        expected = 0.0
        for own, standard in zip((noise * sigma + mu).T, noise.T, strict=True):
            counts = [np.histogram(values, 1000, (-2, 2))[0] for values in (own, standard)]
            expected += scipy.stats.entropy(*counts)
        kl_divergence = AbstractTestVAETrainer.kl_divergence.__get__(self)
        if "kl_divergence" in vars(self):
            kl_divergence = vars(self)["kl_divergence"]
        found = kl_divergence(torch.tensor(sigma).log(), torch.tensor(mu))
        self.assertAlmostEqual(expected, found.numpy(), delta=0.05)

    def test_overfit_on_one_batch(self):
        self.trainer.train(500)
        self.assertLessEqual(self.trainer.eval(), 30)

    def test_logging(self):
        """Any value will do, and only the first step is looked at."""
        with mock.patch.object(self.trainer.summary, "add_scalar") as add_scalar:
            self.trainer.train(1)
        tags = "train/recon_loss", "train/kl_div_loss", "train/loss", "test/loss"
        # In any order: these trainers log more than that of the article.
        expected = [mock.call(tag, mock.ANY, 0) for tag in tags]
        add_scalar.assert_has_calls(expected, any_order=True)


def target_like(case) -> torch.Tensor:
    """What a model is trained towards: its inputs, where it returns their shape."""
    shape = getattr(case, "output_shape", None) or case.test_inputs.shape
    same = tuple(shape) == tuple(case.test_inputs.shape) and case.test_inputs.is_floating_point()
    return case.test_inputs if same else torch.zeros(tuple(shape))


def declared_range(case) -> tuple[float, float] | None:
    return getattr(case, "output_range", None)


class TorchtestModelTests:
    def test_suite(self):
        from torchtest import test_suite

        net = self.net
        batch = [self.test_inputs, target_like(self)]
        test_suite(
            net,
            F.mse_loss,
            torch.optim.Adam(p for p in net.parameters() if p.requires_grad),
            batch,
            output_range=declared_range(self),
            train_vars=[(n, p) for n, p in net.named_parameters() if p.requires_grad],
            non_train_vars=[(n, p) for n, p in net.named_parameters() if not p.requires_grad],
            test_output_range=declared_range(self) is not None,
            test_vars_change=True,
            test_nan_vals=True,
            test_inf_vals=True,
        )


class TorchtestTrainerTests:
    """It makes the steps itself, so that it sees the model and the optimizer of a trainer only.

    Without its check of the range, which calls -1 itself too low.
    """

    def test_suite(self):
        from torchtest import test_suite

        model, optimizer = self.trainer.model, self.trainer.optimizer
        images = next(iter(DataLoader(self.trainer.data.train_data, batch_size=4)))[0]
        test_suite(
            model,
            F.mse_loss,
            optimizer,
            [images, images],
            test_vars_change=True,
            test_nan_vals=True,
            test_inf_vals=True,
        )


def watched_by_torcheck(model: nn.Module, optimizer: torch.optim.Optimizer, output_range):
    """Hooks its checks into the optimizer's step() and the model's forward()."""
    from torcheck import Registry

    registry = Registry()
    registry.register(optimizer)
    held = {p for group in optimizer.param_groups for p in group["params"]}
    for name, parameter in model.named_parameters():
        if parameter in held:
            registry.add_tensor(parameter, name, changing=parameter.requires_grad, check_nan=True)
    if output_range is not None:
        registry.add_module_output_range_check(model, output_range)
    for check in (registry.add_module_nan_check, registry.add_module_inf_check):
        check(model)


class TorcheckModelTests:
    def test_training(self):
        net = copy.deepcopy(self.net)
        optimizer = torch.optim.Adam(net.parameters())
        watched_by_torcheck(net, optimizer, declared_range(self))
        for _ in range(3):
            optimizer.zero_grad()
            F.mse_loss(net(self.test_inputs), target_like(self)).backward()
            optimizer.step()


class TorcheckTrainerTests:
    def test_training(self):
        trainer = self.trainer
        watched_by_torcheck(trainer.model, trainer.optimizer, (-1, 1))
        trainer.train(3)


class NothingToCheck:
    """The tool has no check for this kind of subject."""


# For every alternative, what it has in place of a suite; it has NothingToCheck for the others.
ALTERNATIVES = {
    "the article's checks": {
        AbstractTestDataset: ArticleDatasetTests,
        AbstractTestModel: ArticleModelTests,
        AbstractTestVAE: ArticleModelTests,
        AbstractTestVAETrainer: ArticleTrainerTests,
    },
    "torchtest": {
        AbstractTestModel: TorchtestModelTests,
        AbstractTestVAE: TorchtestModelTests,
        AbstractTestVAETrainer: TorchtestTrainerTests,
    },
    "torcheck": {
        AbstractTestModel: TorcheckModelTests,
        AbstractTestVAE: TorcheckModelTests,
        AbstractTestVAETrainer: TorcheckTrainerTests,
    },
}
